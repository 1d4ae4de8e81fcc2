"""The limit of the load generator: a client that acks whatever comes, and does nothing else."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp


async def main(base_url: str) -> None:
    """Serve until killed."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base_url}apps.connections.open") as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url) as socket:
            async for frame in socket:
                envelope = json.loads(frame.data).get("envelope_id")
                if envelope:
                    await socket.send_str(json.dumps({"envelope_id": envelope}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
