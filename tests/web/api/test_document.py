"""The OpenAPI document is true: Schemathesis asks every operation for all that it says."""

import asyncio
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from milepost.domain.scopes import SCOPES
from tests.sandbox.process import Sandbox
from tests.web.api.full import a_full_store
from tests.web.api.program import program_of
from tests.web.serving import serve
from tests.web.studio import creator
from tests.world import World

# Whatever the schema allows may still not exist, or not be possible as things stand.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
    "missing_required_header,unsupported_method,allow_header_conformance,ignored_auth"
)


async def _faults(address: str, *options: str, cwd: Path) -> str:
    """What Schemathesis has to say against the document at `address`; nothing if it is true."""
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json",
        "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "5",
        "--seed", "1", "--warnings", "off", "--continue-on-failure", "--suppress-health-check",
        "all", *options,
        cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await asking.communicate()
    return told.decode()[-12_000:] if asking.returncode else ""


@pytest.mark.timeout(900)
async def test_every_operation_does_what_the_document_says(
    world: World, database_url: str, payments: Sandbox, tmp_path: Path
) -> None:
    asked = count()

    def unhurried() -> object:
        return world.now + timedelta(seconds=next(asked) / 4)  # no token asks too often so

    async with serve(database_url, payments.url, unhurried) as served:
        await creator(world, "Alice", "owner")
        await a_full_store(world)
        async with program_of(served, world, *SCOPES) as program:
            header = f"Authorization: Bearer {program.token}"
            faults = await _faults(served.url, "--header", header, cwd=tmp_path)
        assert not faults, faults
        few = ("--phases", "fuzzing", "--max-examples", "3")
        faults = await _faults(served.url, *few, cwd=tmp_path)
        assert not faults, faults
