"""An SOP as a picture: a lane for each agency, a box for each stage, an arrow for each way. Black on white."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from sop_engine.sop.language import Exit, Stage, Text
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.wording import lane_title, title_of

LANE = 168
ROW = 92
ENDS = 13
BOX_HEIGHT = 62
MARGIN = 12
TRACK_GAP = 13
MOST_LINES = 4
HEAD = 18
LINE = 14
NARROW_BOX = 236
LETTER = 6.4


@dataclass(frozen=True, slots=True)
class Box:
    """Where a stage or an outcome stands in the picture."""

    x: float
    y: float
    width: float
    lines: list[str]
    ends: list[str]

    @property
    def middle(self) -> float:
        return self.y + BOX_HEIGHT / 2


def diagram(
    procedure: Procedure, language: str = "en", narrow: bool = False, kinds: Mapping[str, Text] | None = None
) -> str:
    """The SVG of a procedure; `narrow` puts all stages in one column, for a phone.

    `kinds` are the titles of the directory's kinds of agency, for lanes without a title of their own.
    """
    titles = {str(name): lane_title(procedure, str(name), language, kinds or {}) for name in procedure.sop.agencies}
    lanes = [""] if narrow else _lanes(procedure)
    top = MARGIN + (0 if narrow else HEAD + LINE * max(len(_wrap(titles[part], LANE)) for part in lanes))
    boxes = _boxes(procedure, language, lanes, titles, top)
    arrows, gutter = _arrows(procedure, boxes, language)
    left = MARGIN + (NARROW_BOX if narrow else LANE * len(lanes))
    width = left + gutter + MARGIN
    bottom = max(box.y + ENDS * len(box.ends) for box in boxes.values()) + BOX_HEIGHT + MARGIN
    notes = _anywhere(procedure, language, bottom, width)
    height = bottom + 15 * len(notes) + MARGIN
    title = procedure.sop.title.in_language(language)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label={quoteattr(title)} font-family="sans-serif" font-size="12" fill="#1b1f24">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        *([] if narrow else _lane_marks(lanes, titles, height)),
        *arrows,
        *(_box(box) for box in boxes.values()),
        *notes,
        "</svg>",
    ]
    return "".join(parts)


def _lanes(procedure: Procedure) -> list[str]:
    parts = [str(part) for stage in procedure.sop.stages.values() for part in stage.accountable.parts()[:1]]
    return list(dict.fromkeys(parts))


def _boxes(
    procedure: Procedure, language: str, lanes: list[str], titles: Mapping[str, str], top: float
) -> dict[str, Box]:
    """The boxes below each other; with one lane alone, for a phone, each says its agency too."""
    boxes: dict[str, Box] = {}
    y, narrow = float(top), lanes == [""]
    for name, stage in procedure.sop.stages.items():
        part = str(stage.accountable.parts()[0])
        x = MARGIN if narrow else MARGIN + lanes.index(part) * LANE + 8
        width = NARROW_BOX - 8 if narrow else LANE - 16
        lines = _wrap(stage.title.in_language(language), width)
        if narrow:
            lines = [lines[0] if len(lines) < 2 else f"{lines[0]} …", *_wrap(titles[part], width)]
        said = [*lines[: MOST_LINES - 1], _limit(procedure, stage, language)]
        boxes[str(name)] = Box(x, y, width, said, _ends(procedure, stage, language, width))
        y += ROW + ENDS * max(0, len(boxes[str(name)].ends) - 2)
    return boxes


def _ends(procedure: Procedure, stage: Stage, language: str, width: float) -> list[str]:
    """The outcomes in which a stage can end, as lines of text below its box."""
    outcomes = dict.fromkeys(str(exit_.ends) for exit_ in stage.go.values() if exit_.ends and not exit_.lapse)
    titles = [procedure.sop.outcomes[name].title.in_language(language) for name in outcomes]
    return _wrap("■ " + " ■ ".join(titles), width + 20) if titles else []


def _limit(procedure: Procedure, stage: Stage, language: str) -> str:
    first = next((said for said in stage.deadline if said.within is not None or said.until is not None), None)
    if first is None:
        return {"ne": "म्याद छैन"}.get(language, "no deadline")
    if first.within is not None:
        return first.within.in_language(language)
    return f"→ {title_of(str(first.until), procedure, language)}"


def _wrap(text: str, width: float) -> list[str]:
    """Words in lines of about this width in pixels."""
    most, lines = int((width - 14) / LETTER), [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _lane_marks(lanes: list[str], titles: Mapping[str, str], height: float) -> list[str]:
    marks = []
    for number, part in enumerate(lanes):
        x = MARGIN + number * LANE
        words = _wrap(titles[part], LANE)
        marks.append(f'<line x1="{x}" y1="{MARGIN}" x2="{x}" y2="{height - MARGIN:.0f}" stroke="#d8dde3"/>')
        marks += [
            f'<text x="{x + 8}" y="{MARGIN + LINE + LINE * row}" font-weight="bold">{escape(line)}</text>'
            for row, line in enumerate(words)
        ]
    return marks


def _anywhere(procedure: Procedure, language: str, top: float, width: float) -> list[str]:
    """The ways out that are open from every stage, as lines of text."""
    titles = [exit_.title.in_language(language) for exit_ in procedure.sop.anywhere.values()]
    if not titles:
        return []
    lead = {"ne": "हरेक चरणबाट: "}.get(language, "From every stage: ")
    lines = _wrap(lead + "; ".join(titles), width)
    return [f'<text x="{MARGIN}" y="{top + 15 * row + 8:.0f}">{escape(line)}</text>' for row, line in enumerate(lines)]


def _box(box: Box) -> str:
    place = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{BOX_HEIGHT}"'
    start = box.middle - 7.5 * (len(box.lines) - 1) + 4
    words = [
        f'<text x="{box.x + box.width / 2:.0f}" y="{start + 15 * row:.0f}" text-anchor="middle"'
        f"{'' if row else ' font-weight=' + quoteattr('bold')}>{escape(line)}</text>"
        for row, line in enumerate(box.lines)
    ]
    words += [
        f'<text x="{box.x:.0f}" y="{box.y + BOX_HEIGHT + ENDS * (row + 1):.0f}" font-size="11">{escape(line)}</text>'
        for row, line in enumerate(box.ends)
    ]
    return f'<rect {place} rx="4" fill="#ffffff" stroke="#1b1f24" stroke-width="1.6"/>' + "".join(words)


def _arrows(procedure: Procedure, boxes: dict[str, Box], language: str) -> tuple[list[str], float]:
    """The arrows, each in a track of its own right of the lanes, and how wide the tracks are together."""
    right = max(box.x + box.width for box in boxes.values()) + 10
    drawn: list[str] = []
    taken: list[list[tuple[float, float]]] = []
    for name, stage in procedure.sop.stages.items():
        exits = [exit_ for exit_ in stage.go.values() if not exit_.lapse and str(exit_.goes_to) in boxes]
        for number, exit_ in enumerate(exits):
            begin, end = boxes[str(name)], boxes[str(exit_.goes_to)]
            y1 = begin.y + (number + 1) * BOX_HEIGHT / (len(exits) + 1)
            y2 = end.middle + (3 if end.y < begin.y else -3)
            track = _free_track(taken, min(y1, y2), max(y1, y2))
            drawn.append(
                _arrow(begin, end, y1, y2, right + track * TRACK_GAP, exit_.title.in_language(language), exit_)
            )
    return drawn, len(taken) * TRACK_GAP + 20


def _free_track(taken: list[list[tuple[float, float]]], top: float, bottom: float) -> int:
    for number, spans in enumerate(taken):
        if all(bottom + 4 < low or top - 4 > high for low, high in spans):
            spans.append((top, bottom))
            return number
    taken.append([(top, bottom)])
    return len(taken) - 1


def _arrow(begin: Box, end: Box, y1: float, y2: float, x: float, title: str, exit_: Exit) -> str:
    dashed = ' stroke-dasharray="4 3"' if exit_.second_person else ""
    path = f"M{begin.x + begin.width:.0f} {y1:.0f}H{x:.0f}V{y2:.0f}H{end.x + end.width + 1:.0f}"
    line = f'<path d="{path}" fill="none" stroke="#1b1f24"{dashed} marker-end="url(#tip)"/>'
    return f"<g><title>{escape(title)}</title>{line}</g>"
