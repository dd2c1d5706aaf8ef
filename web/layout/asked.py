"""A request as this application takes it: what is sent stays in memory, never in a file in clear."""

from io import BytesIO
from typing import IO

from flask import Request

UPLOADS = frozenset({"cases.upload", "api-files.send"})
MOST_UPLOADED = 20_000_000


class Asked(Request):
    """A request whose uploads are never spilled to a temporary file.

    Its size is limited by MAX_CONTENT_LENGTH, or by MOST_UPLOADED where files are taken in.
    """

    @property
    def max_content_length(self) -> int | None:
        return MOST_UPLOADED if self.endpoint in UPLOADS else super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        raise AttributeError("the size of a request is limited by its address")

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
