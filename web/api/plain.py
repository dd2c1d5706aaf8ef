"""Values of services as plain JSON, where no schema of their own says more."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from sop_engine.sop.language import Text


def plain(value: Any) -> Any:
    """A value of a service as JSON: words in both languages, times in UTC."""
    if isinstance(value, Text):
        return {"en": value.en, "ne": value.in_language("ne")}
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return plain(msgspec.structs.asdict(value)) if isinstance(value, msgspec.Struct) else value
