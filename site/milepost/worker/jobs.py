"""Jobs by name: what waits on the world, each one line into a use-case."""

import orjson
from pgqueuer import PgQueuer
from pgqueuer.models import Job, Schedule

from milepost.gateways.stripe import StripeGateway
from milepost.services.batching import recount
from milepost.services.calling import forget_old_calls
from milepost.services.carting import forget_old_carts
from milepost.services.changing import end_left_pages
from milepost.services.clock import Clock
from milepost.services.delivering import forget_delivered
from milepost.services.doings import keep_past_facts
from milepost.services.entering import forget_over
from milepost.services.erasing import scrub_late_events
from milepost.services.giving_up_orders import end_overdue_orders
from milepost.services.granting import fan_out
from milepost.services.judging import ripen, run_due_programs, run_program, tell_expiring
from milepost.services.minding_orders import send_order_refunds
from milepost.services.notifying import forget_old_followers, tell_followers
from milepost.services.pledging import end_overdue_checkouts
from milepost.services.posting import announce_update, tell_milestone, tell_what_is_left
from milepost.services.purses import return_gifts
from milepost.services.receiving import look_since, poll_events, sweep
from milepost.services.refunding import send_refunds
from milepost.services.signing_in import forget_old
from milepost.services.subscribing import end_overdue_subscriptions, use_card
from milepost.services.surveying import remind
from milepost.services.tracking import forget_old_lines, run_to_end
from milepost.storage.database import Database

EACH_MINUTE = "* * * * *"


def register(queue: PgQueuer, database: Database, gateway: StripeGateway, clock: Clock) -> None:
    """Tell `queue` which use-case each job and each schedule is."""
    _jobs(queue, database, gateway, clock)
    _each_minute(queue, database, gateway, clock)
    _each_day(queue, database, clock)


def _jobs(queue: PgQueuer, database: Database, gateway: StripeGateway, clock: Clock) -> None:
    @queue.entrypoint("fan_out", on_failure="hold")
    async def _(job: Job) -> None:
        await fan_out(database, _told(job)["milestone_id"])

    @queue.entrypoint("announce", on_failure="hold")
    async def _(job: Job) -> None:
        await tell_milestone(database, _told(job)["milestone_id"], clock)

    @queue.entrypoint("tracking", on_failure="hold")
    async def _(job: Job) -> None:
        await run_to_end(database, _told(job)["run_id"], clock)

    @queue.entrypoint("tell_update", on_failure="hold")
    async def _(job: Job) -> None:
        await announce_update(database, _told(job)["update_id"], clock)

    @queue.entrypoint("count_owed", on_failure="hold")
    async def _(job: Job) -> None:
        await recount(database, _told(job)["campaign_id"], clock)

    @queue.entrypoint("run_program", on_failure="hold")
    async def _(job: Job) -> None:
        await run_program(database, _told(job)["program_id"], clock)

    @queue.entrypoint("keep_past_facts", on_failure="hold")
    async def _(job: Job) -> None:
        await keep_past_facts(database, _told(job)["store_id"])

    @queue.entrypoint("use_card", on_failure="hold")
    async def _(job: Job) -> None:
        told = orjson.loads(job.payload or b"{}")
        await use_card(database, gateway, told["subscription_id"], told["method"])

    @queue.entrypoint("return_gifts", on_failure="hold")
    async def _(job: Job) -> None:
        await return_gifts(database, clock)

    @queue.entrypoint("send_refunds", on_failure="hold")
    async def _(job: Job) -> None:
        await send_refunds(database, gateway)
        await send_order_refunds(database, gateway)


def _each_minute(queue: PgQueuer, database: Database, gateway: StripeGateway, clock: Clock) -> None:
    @queue.schedule("send_left_refunds", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await send_refunds(database, gateway)
        await send_order_refunds(database, gateway)

    @queue.schedule("ripen", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await ripen(database, clock)

    @queue.schedule("tell_what_is_left", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await tell_what_is_left(database, clock)

    @queue.schedule("end_overdue_checkouts", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await end_overdue_checkouts(database, gateway, clock)
        await end_left_pages(database, clock)

    @queue.schedule("end_overdue_orders", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await end_overdue_orders(database, gateway, clock)
        await end_overdue_subscriptions(database, gateway, clock)

    @queue.schedule("poll_events", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        since = await look_since(database, clock())
        await poll_events(database, gateway.events_since(since), clock())

    @queue.schedule("tell_followers", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await tell_followers(database, clock)

    @queue.schedule("sweep_inbox", EACH_MINUTE)
    async def _(schedule: Schedule) -> None:
        await sweep(database, clock())


def _each_day(queue: PgQueuer, database: Database, clock: Clock) -> None:
    @queue.schedule("remind_of_surveys", "17 9 * * *")
    async def _(schedule: Schedule) -> None:
        await remind(database, clock)

    @queue.schedule("scrub_late_events", "23 3 * * *")
    async def _(schedule: Schedule) -> None:
        await scrub_late_events(database, clock)

    @queue.schedule("forget_old_visits", "41 3 * * *")
    async def _(schedule: Schedule) -> None:
        await forget_old(database, clock)
        await forget_over(database, clock)
        await forget_old_lines(database, clock)
        await forget_old_carts(database, clock)
        await forget_delivered(database, clock)
        await forget_old_calls(database, clock)

    @queue.schedule("run_due_programs", "5 2 * * *")
    async def _(schedule: Schedule) -> None:
        await run_due_programs(database, clock)

    @queue.schedule("tell_expiring", "29 9 * * *")
    async def _(schedule: Schedule) -> None:
        await tell_expiring(database, clock)

    @queue.schedule("forget_old_followers", "47 3 * * *")
    async def _(schedule: Schedule) -> None:
        await forget_old_followers(database, clock)


def _told(job: Job) -> dict[str, int]:
    """What the job was given when it was put into the queue."""
    told: dict[str, int] = orjson.loads(job.payload or b"{}")
    return told
