"""The certificate by which others know us over TLS: the site's own, or one of an authority made at the first start.

Made with the program openssl: an authority for ten years, whose certificate the telephones are given once, and a
certificate for the address of the site file for a year, which is renewed at a start when it is about to end.
"""

import os
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.site import Site

_AUTHORITY_DAYS = 3650  # house: telephones are given it once
_CERTIFICATE_DAYS = 397  # house: what browsers accept at most; renewed by itself
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")


class NoCertificate(Exception):
    """The program openssl is missing or has refused; the text says what it said."""


@dataclass(frozen=True)
class Certificate:
    """PEM texts: the certificate (with those between it and its authority), its key, and the authorities from which
    the certificates of trunks must come; none, if these are not checked."""

    certificate: str
    key: str
    trunk_authorities: str = ""


def authority(home: Home) -> Path:
    """The file that telephones are given, unless the site has a certificate of its own."""
    return home.tls / "authority.pem"


def trunk_authorities(home: Home) -> Path:
    """The copy of `sip.trunk_authority` that every program may read."""
    return home.tls / "trunk-authorities.pem"


def certificate_file(home: Home, site: Site) -> Path:
    """The certificate in use."""
    return Path(site.sip.certificate) if site.sip.certificate else home.tls / "certificate.pem"


def load_or_make(home: Home, site: Site, *, renew: timedelta, at: datetime) -> Certificate | None:
    """None when nobody uses TLS. A certificate of ours that ends within `renew`, or is for another address, is made
    again.

    Raises ConfigError when the site's own files cannot be used, NoCertificate when ours cannot be made.
    """
    if not site.encrypts:
        return None
    trusted = _trunk_authorities(home, site)
    home.tls.mkdir(exist_ok=True)
    home.tls.chmod(0o755)
    if trusted:
        trunk_authorities(home).write_text(trusted, encoding="utf-8")
        trunk_authorities(home).chmod(0o644)
    if site.sip.certificate:
        return replace(_own(home, site), trunk_authorities=trusted)
    key, file = home.tls / "key.pem", certificate_file(home, site)
    if not (file.exists() and key.exists()) or ends_at(file) < at + renew or not _is_for(file, site.sip.address):
        _make(home, site.sip.address, key, file)
    return Certificate(file.read_text(encoding="ascii"), key.read_text(encoding="ascii"), trusted)


def check(home: Home, site: Site) -> None:
    """Raises ConfigError when the site's own files cannot be used; makes nothing."""
    if site.encrypts:
        _trunk_authorities(home, site)
        if site.sip.certificate:
            _own(home, site)


def ends_at(file: Path) -> datetime:
    """The last moment at which the certificate counts. Raises NoCertificate."""
    said = _openssl("x509", "-in", str(file), "-noout", "-enddate")
    end = said.strip().removeprefix("notAfter=")
    return datetime.strptime(end, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


def fingerprint(file: Path) -> str:
    """SHA-256, as telephones and browsers show it. Raises NoCertificate."""
    return _openssl("x509", "-in", str(file), "-noout", "-fingerprint", "-sha256").strip().partition("=")[2]


def _is_for(file: Path, address: str) -> bool:
    named = _openssl("x509", "-in", str(file), "-noout", "-ext", "subjectAltName")
    return f"IP Address:{address}" in (part.strip() for line in named.splitlines() for part in line.split(","))


def _own(home: Home, site: Site) -> Certificate:
    """The site's files, which must belong together."""
    texts = {}
    for key in ("certificate", "key"):
        file = Path(getattr(site.sip, key))
        try:
            text = file.read_text(encoding="ascii")
            public = ("x509", "-noout", "-pubkey") if key == "certificate" else ("pkey", "-pubout", "-passin", "pass:")
            texts[key] = (text, _openssl(*public, "-in", str(file)))
        except (OSError, ValueError, NoCertificate) as error:
            raise ConfigError(
                _wrong(home, key, f"{file} cannot be used: {error}", f"{file} 无法使用:{error}")
            ) from error
    if texts["certificate"][1] != texts["key"][1]:
        raise ConfigError(_wrong(home, "key", "does not belong to sip.certificate", "与 sip.certificate 不匹配"))
    return Certificate(texts["certificate"][0], texts["key"][0])


def _trunk_authorities(home: Home, site: Site) -> str:
    """What `sip.trunk_authority` holds; empty without it."""
    if not site.sip.trunk_authority:
        return ""
    file = Path(site.sip.trunk_authority)
    try:
        text = file.read_text(encoding="utf-8")
        _openssl("x509", "-in", str(file), "-noout")
    except (OSError, ValueError, NoCertificate) as error:
        wrong, wrong_zh = f"{file} cannot be used: {error}", f"{file} 无法使用:{error}"
        raise ConfigError(_wrong(home, "trunk_authority", wrong, wrong_zh)) from error
    return text


def _wrong(home: Home, key: str, wrong: str, wrong_zh: str) -> list[Problem]:
    right = "a PEM file that this account can read, the key without a pass phrase"
    return [Problem(home.site_file, f"sip.{key}", wrong, right, wrong_zh, "本账户可读的 PEM 文件,私钥不加口令")]


def _make(home: Home, address: str, key: Path, file: Path) -> None:
    root, root_key = authority(home), home.tls / "authority-key.pem"
    before = os.umask(0o077)
    try:
        if not (root.exists() and root_key.exists()):
            _openssl(
                *("req", "-x509", *_CURVE, "-subj", "/CN=hotline telephone authority", "-days", str(_AUTHORITY_DAYS)),
                *("-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign"),
                *("-keyout", str(root_key), "-out", f"{root}.part"),
            )
            Path(f"{root}.part").replace(root)
        _openssl(
            *("req", "-x509", *_CURVE, "-subj", f"/CN={address}", "-days", str(_CERTIFICATE_DAYS)),
            *("-addext", f"subjectAltName=IP:{address}", "-addext", "basicConstraints=critical,CA:FALSE"),
            *("-addext", "extendedKeyUsage=serverAuth", "-CA", str(root), "-CAkey", str(root_key)),
            *("-keyout", f"{key}.part", "-out", f"{file}.part"),
        )
        Path(f"{key}.part").replace(key)
        Path(f"{file}.part").replace(file)
    finally:
        os.umask(before)
    for public in (root, file):
        public.chmod(0o644)


def _openssl(*arguments: str) -> str:
    try:
        asked = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, env=os.environ)
    except FileNotFoundError as error:
        raise NoCertificate("openssl is missing: apt-get install openssl  缺少 openssl 程序,请安装") from error
    if asked.returncode != 0:
        raise NoCertificate(f"openssl {arguments[0]}: {asked.stderr.strip()}")
    return asked.stdout
