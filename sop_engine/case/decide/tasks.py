"""Tasks that stand in no SOP: what one agency of a case asks of another, with a day by which it is to be done."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.decide.answer import Asked, Decision, not_taking_part, taking_part
from sop_engine.case.refusal import refuse

ENDS = ("done", "dropped")
MOST_TASKS = 100


def add(asked: Asked, command: cmd.AddTask) -> Decision:
    """Ask an agency of the case for something, by a day that is still to come."""
    refusal = not_taking_part(asked, command.actor)
    if refusal is not None:
        return refusal
    if command.agency not in taking_part(asked.case):
        return refuse(
            "no_part_there",
            "A task is for an agency that takes part in this case: for others, ask for a service",
            "काम यस विषयमा संलग्न निकायलाई मात्र दिइन्छ: अरूसँग सेवा माग्नुहोस्",
        )
    if "task" not in command.sealed:
        return refuse(
            "empty",
            "Say what is to be done: write a sentence",
            "के गर्नुपर्ने हो एक वाक्यमा लेख्नुहोस्",
        )
    if command.due <= asked.now:
        return refuse(
            "not_ahead",
            "Choose a day and time that are still to come",
            "आउन बाँकी दिन र समय छान्नुहोस्",
        )
    if len(asked.case.tasks) >= MOST_TASKS:
        return refuse(
            "too_many",
            f"{MOST_TASKS} tasks are open: end some of them first",
            f"{MOST_TASKS} वटा काम खुला छन्: पहिले केही टुङ्ग्याउनुहोस्",
        )
    return (ev.TaskAdded(agency=command.agency, due=command.due, worker=command.worker),)


def end(asked: Asked, command: cmd.EndTask) -> Decision:
    """Say that a task is done, as its agency, or drop it, also as the agency that asked."""
    task = asked.case.tasks.get(command.task)
    if task is None:
        return refuse("no_task", "This task is ended already", "यो काम पहिल्यै टुङ्गिएको छ")
    if command.how not in ENDS:
        return refuse("how", "Say whether it is done or dropped", "पूरा भयो वा छोडियो जनाउनुहोस्")
    may = {task.agency} if command.how == "done" else {task.agency, task.asked_by, asked.case.holder}
    if command.actor.agency not in may:
        return refuse("not_yours", "Another agency does this task", "यो काम अर्को निकायको हो")
    return (ev.TaskEnded(task=command.task, how=command.how),)
