"""Everything that one instance owns is in one folder, its home; two homes are two independent instances."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.site import Site

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def engine_root() -> Path:
    """The root file system that Asterisk runs in, read-only and shared by all instances (HOTLINE_ENGINE overrides)."""
    return Path(os.environ.get("HOTLINE_ENGINE") or PROJECT_ROOT / "var" / "engine").resolve()


@dataclass(frozen=True)
class Home:
    """The folders and files of one instance; `path` is absolute."""

    path: Path

    @classmethod
    def choose(cls, option: Path | str | None = None) -> "Home":
        """`--home` if given, else HOTLINE_HOME, else `var` in the project's folder."""
        chosen = option or os.environ.get("HOTLINE_HOME") or PROJECT_ROOT / "var"
        return cls(Path(chosen).expanduser().resolve())

    @property
    def site_file(self) -> Path:
        return self.path / "site.toml"

    @property
    def policy_file(self) -> Path:
        return self.path / "policy.toml"

    @property
    def roster_file(self) -> Path:
        """The duty roster as the desk writes it; it applies once it is imported."""
        return self.path / "roster.toml"

    @property
    def secrets_file(self) -> Path:
        """Mode 0600: only who starts the service can read it."""
        return self.path / "secrets.toml"

    @property
    def handed_secrets_file(self) -> Path:
        """Mode 0600: what the programs need of the secrets, when they run under an account of their own."""
        return self.run / "secrets.toml"

    @property
    def tls(self) -> Path:
        """The authority and the certificate that telephones see; keys have mode 0600."""
        return self.path / "tls"

    def database_url(self, site: "Site") -> str:
        """The site's database, or SQLite in this home if the site names none."""
        return site.database.url or f"sqlite:///{self.path / 'hotline.db'}"

    @property
    def access_heads(self) -> Path:
        """The newest entries of the access log over time, outside the database (`models.instance.heads`)."""
        return self.logs / "access-heads.txt"

    @property
    def asterisk(self) -> Path:
        """The part of the home that Asterisk sees, mounted at /hotline inside the engine root."""
        return self.path / "asterisk"

    @property
    def sounds(self) -> Path:
        """Below it {zh,en}/hotline/: the prompt pack and the site's own recordings, as Asterisk plays them."""
        return self.asterisk / "sounds"

    @property
    def recording_spool(self) -> Path:
        """Where Asterisk's ARI writes a recording while it is made."""
        return self.asterisk / "spool" / "recording"

    @property
    def message_spool(self) -> Path:
        """Where the dialplan leaves a message by itself when no program of ours answers."""
        return self.asterisk / "spool" / "message-drop"

    @property
    def own_sounds(self) -> Path:
        """The site's own recordings, {zh,en}/NAME.wav or .alaw, which win over the prompt pack's."""
        return self.path / "own-sounds"

    @property
    def recordings(self) -> Path:
        """Finished recordings: checked, levelled, compressed."""
        return self.path / "recordings"

    @property
    def photos(self) -> Path:
        """Photos of tickets, beside the recordings."""
        return self.path / "photos"

    @property
    def backups(self) -> Path:
        """Daily copies of the database."""
        return self.path / "backups"

    @property
    def reports(self) -> Path:
        """Automatic reports, if the site names no other folder."""
        return self.path / "reports"

    @property
    def run(self) -> Path:
        """Process ids, locks, and the state that `hotline status` reads."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def of_the_programs(self) -> tuple[Path, ...]:
        """The folders that our programs write."""
        voice = self.path / "voice"
        kept = (self.recordings, self.photos)
        return (self.run, self.logs, self.backups, self.reports, self.own_sounds, voice, *kept)

    def create_missing(self) -> list[Path]:
        """Makes the home's folders, and its files from the examples; returns the files it wrote."""
        for folder in (
            self.path,
            *(self.asterisk / name for name in ("etc", "lib", "run", "log")),
            *(self.sounds / language / "hotline" for language in ("zh", "en")),
            self.recording_spool,
            self.message_spool,
            self.recordings,
            self.photos,
            self.run,
            self.logs,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        written = []
        examples = {
            "site.example.toml": self.site_file,
            "policy.toml": self.policy_file,
            "roster.example.toml": self.roster_file,
        }
        for example, wanted in examples.items():
            if not wanted.exists():
                _copy_whole(PROJECT_ROOT / example, wanted)
                written.append(wanted)
        return written


def _copy_whole(source: Path, target: Path) -> None:
    """Never leaves half a file: the copy gets its name only when it is complete."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.copyfile(source, part)
    part.replace(target)
