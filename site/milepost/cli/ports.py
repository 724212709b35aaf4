"""TCP ports on this machine."""

import errno
import socket

from milepost.cli.refusal import Refusal


def require_free(host: str, port: int) -> None:
    """Raise Refusal when `port` may not be used, or another program listens on it already."""
    # A browser tries both loopback addresses for "localhost", and may meet the other program.
    for each in {host, "::1"} if host == "127.0.0.1" else {host}:
        try:
            with _socket(each) as listener:
                listener.bind((each, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(
                    f"Port {port} is taken by another program. Stop it, or set PORT to a free one."
                ) from None
            if each == host:
                raise Refusal(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def free_port(wanted: int, host: str = "127.0.0.1") -> int:
    """The port `wanted` if nobody uses it, else one that is free now."""
    with _socket(host) as listener:
        try:
            listener.bind((host, wanted))
        except (OSError, OverflowError):
            listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def _socket(host: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener
