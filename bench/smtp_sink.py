"""A mail server that takes all it is given and keeps nothing; it prints its port."""

import asyncio

from aiosmtpd.smtp import SMTP


class Taken:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taken(), enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
