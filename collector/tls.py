"""TLS of the collector: one certificate for HTTP and gRPC, read once, at the start."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from collector.errors import StartError


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate and its key.

    Attributes:
        cert: file of the certificate and those above it, PEM.
        key: file of its key, PEM.
    """

    cert: Path
    key: Path

    @classmethod
    def of(cls, cert: Path | None, key: Path | None) -> Self | None:
        """Returns a pair that can be used, or None where none is set.

        Args:
            cert: `CAUSELINE_TLS_CERT`.
            key: `CAUSELINE_TLS_KEY`; None where the certificate's file holds it, too.

        Raises:
            StartError: when it can't be used.
        """
        if cert is None:
            if key is not None:
                raise StartError("CAUSELINE_TLS_KEY is set alone: name the certificate's file in CAUSELINE_TLS_CERT")
            return None
        tls = cls(cert.expanduser(), (key or cert).expanduser())
        try:
            tls.context()
        except OSError as error:
            raise StartError(
                f"TLS can't be served with {tls.cert} and {tls.key} ({error.strerror or error}): name a certificate in "
                "CAUSELINE_TLS_CERT and its key, without a passphrase, in CAUSELINE_TLS_KEY"
            ) from None
        return tls

    def context(self) -> ssl.SSLContext:
        """Returns what a server serves TLS with.

        Raises:
            OSError: when the files can't be read, or are no such pair.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        # A key with a passphrase would be asked for on the terminal, where nobody sits.
        context.load_cert_chain(self.cert, self.key, password=lambda: "")
        context.set_alpn_protocols(["http/1.1"])
        return context

    def pair(self) -> tuple[bytes, bytes]:
        """Returns key and certificate, as gRPC wants them."""
        return self.key.read_bytes(), self.cert.read_bytes()
