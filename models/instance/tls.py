"""The certificate by which others know us over TLS: the site's own, or one of an authority made at the first start.

Made with the program openssl: an authority for ten years, whose certificate the telephones are given once, and a
certificate for the address of the site file for a year, which is renewed at a start when it is about to end.
"""

import hashlib
import os
import ssl
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.instance.rights import as_root, started_by_root
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
    """The certificate in use for telephones and trunks."""
    return Path(site.sip.certificate) if site.sip.certificate else home.tls / "certificate.pem"


def console_certificate_file(home: Home, site: Site) -> Path:
    """The certificate that browsers see."""
    return Path(site.sip.certificate) if site.sip.certificate else home.tls / "console-certificate.pem"


def console_file(home: Home) -> Path:
    """Certificate and key in one file, mode 0600, for the account of the console."""
    return home.run / "console.pem"


def in_use(home: Home, site: Site) -> list[Path]:
    """Every certificate that this machine shows."""
    files = [certificate_file(home, site)] if site.encrypts else []
    return list(dict.fromkeys([*files, *([console_certificate_file(home, site)] if site.console.over_tls else [])]))


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
    return replace(_ours(home, site.sip.address, key, file, at + renew), trunk_authorities=trusted)


def hand_to_console(home: Home, site: Site, *, renew: timedelta, at: datetime) -> None:
    """Leaves certificate and key for the console, made as in `load_or_make`; nothing where it serves this machine only.

    In a program that root has started under an account this is done already. Raises ConfigError, NoCertificate.
    """
    kept = home.tls / "console-key.pem"
    if not started_by_root() and kept.exists() and not os.access(kept, os.R_OK):
        return
    if not site.console.over_tls:
        console_file(home).unlink(missing_ok=True)
        return
    with as_root():
        if site.sip.certificate:
            found = _own(home, site)
        else:
            home.tls.mkdir(exist_ok=True)
            home.tls.chmod(0o755)
            file = console_certificate_file(home, site)
            found = _ours(home, site.console.address, kept, file, at + renew)
    part = console_file(home).with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handed:
        handed.write(f"{found.key}\n{found.certificate}")
    part.replace(console_file(home))


def check(home: Home, site: Site) -> None:
    """Raises ConfigError when the site's own files cannot be used; makes nothing."""
    if site.encrypts:
        _trunk_authorities(home, site)
    if in_use(home, site) and site.sip.certificate:
        _own(home, site)


def ends_at(file: Path) -> datetime:
    """The last moment at which the certificate counts. Raises NoCertificate."""
    said = _openssl("x509", "-in", str(file), "-noout", "-enddate")
    end = said.strip().removeprefix("notAfter=")
    return datetime.strptime(end, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


def fingerprint(file: Path) -> str:
    """SHA-256, as telephones and browsers show it."""
    der = ssl.PEM_cert_to_DER_cert(file.read_text(encoding="ascii"))
    return hashlib.sha256(der).digest().hex(":").upper()


def _is_for(file: Path, address: str) -> bool:
    named = _openssl("x509", "-in", str(file), "-noout", "-ext", "subjectAltName")
    return f"IP Address:{address}" in (part.strip() for line in named.splitlines() for part in line.split(","))


def _ours(home: Home, address: str, key: Path, file: Path, lasts_until: datetime) -> Certificate:
    if not (file.exists() and key.exists()) or ends_at(file) < lasts_until or not _is_for(file, address):
        _make(home, address, key, file)
    return Certificate(file.read_text(encoding="ascii"), key.read_text(encoding="ascii"))


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
                _wrong(home, key, f"{file} cannot be used: {error}", f"{file} 无法使用：{error}")
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
        wrong, wrong_zh = f"{file} cannot be used: {error}", f"{file} 无法使用：{error}"
        raise ConfigError(_wrong(home, "trunk_authority", wrong, wrong_zh)) from error
    return text


def _wrong(home: Home, key: str, wrong: str, wrong_zh: str) -> list[Problem]:
    right = "a PEM file that this account can read, the key without a pass phrase"
    return [Problem(home.site_file, f"sip.{key}", wrong, right, wrong_zh, "本账户可读的 PEM 文件，私钥不加口令")]


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
        raise NoCertificate("缺少 openssl 程序，请安装：apt-get install openssl  openssl is missing") from error
    if asked.returncode != 0:
        raise NoCertificate(f"openssl {arguments[0]}: {asked.stderr.strip()}")
    return asked.stdout
