"""A request as this application takes it: what is sent stays in memory, never in a file in clear."""

from io import BytesIO
from typing import IO

from flask import Request


class Asked(Request):
    """A request whose uploads are never spilled to a temporary file; its size is limited by MAX_CONTENT_LENGTH."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
