"""One life of an app's process at a real gateway: `life.py TRUST FOLDER OPENSSL COMMAND [ARGUMENTS]`.

Prints one line of status, or what was thrown. The keys are files, made and used by openssl.
"""

import os
import pathlib
import struct
import subprocess
import sys
import threading

from mtd_agent import (
    MtdAgent,
    MtdConfig,
    MtdConfiguration,
    MtdDetection,
    MtdError,
    MtdKeyFault,
    MtdKeyProtection,
    MtdKeyStore,
    MtdListener,
    MtdNetwork,
    MtdPosture,
    MtdProvenance,
    MtdPublicKey,
    MtdReach,
    MtdSensors,
    MtdValue,
)

BUDGET_MS = 28_000
NOT_KNOWN = b"\xff\xff"


class Keys(MtdKeyStore):
    def __init__(self, folder: pathlib.Path, openssl: str):
        self.folder, self.openssl = folder, openssl
        folder.mkdir(parents=True, exist_ok=True)

    def file(self, slot):
        return self.folder / f"{slot.name}.pem"

    def run(self, *args, given=None):
        done = subprocess.run([self.openssl, *map(str, args)], input=given, capture_output=True, check=True)
        return done.stdout

    def find(self, slot):
        if not self.file(slot).exists():
            return None
        spki = self.run("pkey", "-in", self.file(slot), "-pubout", "-outform", "DER")
        return MtdPublicKey(spki=spki, protection=MtdKeyProtection.SANDBOX)

    def make(self, slot):
        self.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.file(slot))
        return self.find(slot)

    def sign(self, slot, message):
        if not self.file(slot).exists():
            raise MtdKeyFault.Gone()
        return self.run("dgst", "-sha256", "-sign", self.file(slot), given=message)

    def destroy(self, slot):
        self.file(slot).unlink(missing_ok=True)

    def data_key(self):
        file = self.folder / "data"
        if not file.exists():
            file.write_bytes(os.urandom(32))
        return file.read_bytes()

    def destroy_data_key(self):
        (self.folder / "data").unlink(missing_ok=True)


class Throws(Keys):
    """A store that throws what nobody declared, with something that must not be printed."""

    def make(self, slot):
        raise RuntimeError("PERSONAL")


class Sensors(MtdSensors):
    def posture(self):
        return MtdPosture(
            platform="ios", os_version="8.0", model=None, patch_level=None, findings=[], unknown=[]
        )

    def apps(self):
        app = text("com.example.app") + NOT_KNOWN + text("Ex\u00e4mple") + NOT_KNOWN * 2
        return struct.pack(">BH", 1, 1) + app + b"\xff" * 24 + struct.pack(">HB", 0, 0)

    def hash(self, app_id):
        raise NotImplementedError


class Listener(MtdListener):
    def __init__(self):
        self.threads, self.inert_code = set(), None

    def status_changed(self, status):
        self.threads.add(threading.get_ident())

    def web_verdict(self, answer):
        pass

    def inert(self, error):
        self.inert_code = error.code()


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def configuration(gateway, device, tenant, code):
    keys = {"mtdGateway": gateway, "mtdDeviceId": device, "mtdTenantId": tenant, "mtdActivationCode": code}
    values = {key: MtdValue.TEXT(text=value) for key, value in keys.items()}
    return MtdConfiguration(provenance=MtdProvenance.APP, values=values)


def line(status):
    failure = status.last_failure.code() if status.last_failure else 0
    level = status.level.name if status.level else "-"
    return f"{status.activation.name} {level} threats={len(status.threats)} shared={status.shared_apps} failure={failure}"


def thrown(call):
    try:
        call()
    except MtdError as error:
        fault = error.fault()
        return f"{error.kind().name} {fault.code} {fault.remedy.name} {error.text()}"
    return "nothing"


def live(agent, listener, command, args):
    agent.network_changed(MtdNetwork(reach=MtdReach.ONLINE, name="home", metered=False))
    match command:
        case "activate":
            agent.set_consent(True)
            agent.configure([configuration(*args)])
            agent.check_in()
        case "check-in":
            agent.check_in()
        case "report":
            agent.report(MtdDetection(classification=args[0], app_id=None))
        case "clear":
            agent.clear(MtdDetection(classification=args[0], app_id=None))
        case "deactivate":
            agent.deactivate()
        case "errors":
            print(thrown(lambda: agent.report(MtdDetection(classification="NO_SUCH", app_id=None))))
            agent.stop()
            print(thrown(agent.status))
            return
        case "panic":
            panic(agent, listener, args[0])
            return
    agent.settle(BUDGET_MS)
    strange = listener.threads - {threading.get_ident()}
    print(line(agent.status()), f"threads={len(strange)}")


def panic(agent, listener, entry):
    """The library has the door for this only where a test built it so."""
    import mtd_agent

    calls = {
        "status": agent.status,
        "check_in": agent.check_in,
        "settle": lambda: agent.settle(1),
        "ledger": agent.ledger,
        "stop": agent.stop,
    }
    mtd_agent.arm(entry)
    print(thrown(calls[entry]), f"passed={not mtd_agent.is_armed()} inert={listener.inert_code}")
    print(thrown(agent.status))


def main(trust, folder, openssl, command, *args):
    folder = pathlib.Path(folder)
    store = Throws if command == "activate-throwing" else Keys
    config = MtdConfig(
        trust_json=pathlib.Path(trust).read_text(), folder=str(folder / "state"), partners=[], configurations=[]
    )
    listener = Listener()
    agent = MtdAgent.start(config, store(folder / "keys", openssl), Sensors(), listener)
    live(agent, listener, command.removesuffix("-throwing"), args)
    agent.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
