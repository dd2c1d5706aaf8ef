"""Why a file is not taken in: a word for each reason, with its sentence in `sop_engine.services.uploads`."""

EXIT = 3


class Refused(Exception):
    """A file is not taken in; `why` is one word. The process that worked on the file ends with EXIT."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
