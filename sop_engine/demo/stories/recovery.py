"""What several stories lead to: a place to stay, a plan of her own, and the time of recovery."""

from sop_engine.demo.play import Play


def begins(play: Play, *cases: str) -> None:
    """Cases of reintegration, from the door of the place that receives the person to the first day of the plan."""
    for case in cases:
        play.record(case, "assess_risk")
        play.advance(case, "admitted", stay_kind="centre_stay")
    play.clock.wait(days=2)
    for case in cases:
        play.advance(case, "start")
