"""What several stories lead to: a place to stay, a plan of her own, and the time of recovery."""

from sop_engine.demo.play import Play


def begins(play: Play, case: str) -> None:
    """From the door of the place that receives her to the first day of her plan."""
    play.record(case, "assess_risk")
    play.advance(case, "admitted", stay_kind="centre_stay")
    play.clock.wait(days=2)
    play.advance(case, "start")
