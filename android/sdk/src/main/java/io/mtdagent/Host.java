package io.mtdagent;

/**
 * Key store, sensors and listener as the native library calls them: numbers and bytes. Every method is found by its
 * name and signature ({@code bindings/src/jni/host.rs}).
 */
final class Host {
    private final MtdKeyStore keys;
    private final MtdSensors sensors;
    private final MtdListener listener;

    Host(MtdKeyStore keys, MtdSensors sensors, MtdListener listener) throws MtdException {
        if (keys == null || sensors == null || listener == null) {
            throw MtdException.argument();
        }
        this.keys = keys;
        this.sensors = sensors;
        this.listener = listener;
    }

    byte[] findKey(int slot) throws MtdException {
        return written(keys.find(slot(slot)));
    }

    byte[] makeKey(int slot) throws MtdException {
        return written(keys.make(slot(slot)));
    }

    byte[] sign(int slot, byte[] message) throws MtdException {
        return keys.sign(slot(slot), message);
    }

    void destroyKey(int slot) throws MtdException {
        keys.destroy(slot(slot));
    }

    /** A copy: the native library wipes it. */
    byte[] dataKey() throws MtdException {
        byte[] key = keys.dataKey();
        return key == null ? null : key.clone();
    }

    void destroyDataKey() throws MtdException {
        keys.destroyDataKey();
    }

    byte[] posture() throws MtdException {
        return Buffer.ofPosture(sensors.posture());
    }

    byte[] apps() throws MtdException {
        return Buffer.ofApps(sensors.apps());
    }

    void statusChanged(byte[] status) throws MtdException {
        listener.onStatus(new MtdStatus(new StatusReader(status)));
    }

    /** SHA-256 of an app's installation file. */
    byte[] hash(String packageName) throws MtdException {
        return sensors.hash(packageName);
    }

    /** A listener that asks about no domain is told nothing. */
    void webVerdict(byte[] answer) throws MtdException {
        if (listener instanceof MtdWebListener) {
            ((MtdWebListener) listener).onWebAnswer(new MtdWebAnswer(new StatusReader(answer)));
        }
    }

    void inert(MtdException error) {
        listener.onInert(error);
    }

    private static MtdKeyStore.Slot slot(int number) {
        return number == 0 ? MtdKeyStore.Slot.A : MtdKeyStore.Slot.B;
    }

    /** One byte of protection, then the key; null for no key. */
    private static byte[] written(MtdKeyStore.PublicHalf key) {
        if (key == null) {
            return null;
        }
        byte[] written = new byte[1 + key.spki.length];
        written[0] = (byte) key.protection.ordinal();
        System.arraycopy(key.spki, 0, written, 1, key.spki.length);
        return written;
    }
}
