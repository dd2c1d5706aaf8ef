"""Tasks that stand in no SOP: what one agency of a case asks of another, with a day by which it is to be done."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for
from sop_engine.case.decide.answer import Asked, Decision, not_taking_part, taking_part
from sop_engine.case.events import PERSON
from sop_engine.case.refusal import refuse

ENDS = ("done", "dropped")
MOST_TASKS = 100
# Proposed: what the person asks is answered within so long, and so many of her questions wait at a time.
ANSWERED_WITHIN = timedelta(days=3)
MOST_ASKED = 10


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
    if task.asked_by == PERSON:
        return _answered(asked, command)
    may = {task.agency} if command.how == "done" else {task.agency, task.asked_by, asked.case.holder}
    if command.actor.agency not in may:
        return refuse("not_yours", "Another agency does this task", "यो काम अर्को निकायको हो")
    return (ev.TaskEnded(task=command.task, how=command.how),)


def ask(asked: Asked, command: cmd.Ask) -> Decision:
    """What the person asks in her own view goes to whoever answers for her case, also after it was closed."""
    if "task" not in command.sealed:
        return refuse("empty", "Write what you want to ask", "के सोध्न चाहनुहुन्छ लेख्नुहोस्")
    if sum(task.asked_by == PERSON for task in asked.case.tasks.values()) >= MOST_ASKED:
        return refuse(
            "too_many",
            f"{MOST_ASKED} of your questions wait for an answer: wait for some of them first",
            f"तपाईंका {MOST_ASKED} प्रश्नको जवाफ आउन बाँकी छ: पहिले केहीको जवाफ पर्खनुहोस्",
        )
    due = asked.now + ANSWERED_WITHIN
    return (ev.TaskAdded(agency=answers_for(asked.case), due=due, correction=command.correction),)


def _answered(asked: Asked, command: cmd.EndTask) -> Decision:
    """What the person asked ends by an answer, which she reads in her own view."""
    if command.actor.agency != answers_for(asked.case):
        return refuse("not_yours", "Another agency answers this", "यसको जवाफ अर्को निकायले दिन्छ")
    if command.how != "done" or "answer" not in command.sealed:
        return refuse(
            "answer_missing",
            "Write an answer: she asked this herself and reads what you write",
            "जवाफ लेख्नुहोस्: उहाँ आफैंले सोध्नुभएको हो र तपाईंले लेखेको पढ्नुहुन्छ",
        )
    return (ev.TaskEnded(task=command.task, how="done"),)
