package io.mtdagent;

/**
 * One error: who can mend it, a stable code, and what is done about it.
 *
 * <p>A key store or sensor throws the ones that the factories here make; anything else that it throws counts as
 * a failure that may pass.
 */
public final class MtdException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Who can mend it. The kind is the hundreds of the code. */
    public enum Kind {
        /** 1xx: the app's developer or the administrator, by what is passed in. */
        USE,
        /** 2xx: key, certificate or credential. */
        IDENTITY,
        /** 3xx: the network, mostly by time. */
        NETWORK,
        /** 4xx: the partner's cloud. */
        SERVER,
        /** 5xx: this device or its user. */
        DEVICE,
        /** 9xx: this library. The app keeps running. */
        INTERNAL
    }

    /** What is done about it. */
    public enum Remedy {
        /** The same again later; the agent does so by itself where it is its own failure. */
        RETRY,
        /** Nothing until the network changes. */
        WAIT_FOR_NETWORK,
        /** Nothing until the device is unlocked for the first time. */
        WAIT_FOR_UNLOCK,
        /** The agent begins a new chain of reports by itself. */
        NEW_CHAIN,
        /** The app brings another activation credential. */
        NEW_CREDENTIAL,
        /** A new key and certificate, by a new credential. */
        REACTIVATE,
        /** The agent is quiet and keeps its state; a person has to act. */
        STOP,
        /** The caller passes something else, or calls from elsewhere. */
        CORRECT_THE_CALL,
        /** What is stored can never be read again: seen twice after the first unlock, the app starts over. */
        START_OVER
    }

    private final Kind kind;
    private final int code;
    private final Remedy remedy;
    private final long retryAfterMillis;

    /** Called by the native library. */
    MtdException(int kind, int code, int remedy, long retryAfterMillis, String text) {
        super(code + ": " + text);
        this.kind = Kind.values()[kind];
        this.code = code;
        this.remedy = Remedy.values()[remedy];
        this.retryAfterMillis = retryAfterMillis;
    }

    private static MtdException of(Kind kind, int code, Remedy remedy, String text) {
        return new MtdException(kind.ordinal(), code, remedy.ordinal(), 0, text);
    }

    /** For a key store: locked until the first unlock after the boot. */
    public static MtdException keyStoreLocked() {
        return of(Kind.IDENTITY, 201, Remedy.WAIT_FOR_UNLOCK,
                "The key store is locked until the device is unlocked for the first time.");
    }

    /** For a key store: occupied, or an error that may pass. */
    public static MtdException keyStoreBusy() {
        return of(Kind.IDENTITY, 202, Remedy.RETRY, "The key store did not answer in time.");
    }

    /** For a key store: the key existed and is no longer there. The device is enrolled anew. */
    public static MtdException keyGone() {
        return of(Kind.IDENTITY, 203, Remedy.REACTIVATE, "The key is no longer in the key store.");
    }

    /** For a key store: it cannot make or use P-256 keys. */
    public static MtdException keyUnsupported() {
        return of(Kind.IDENTITY, 204, Remedy.STOP, "The key store cannot make or use a key of this kind.");
    }

    /** For a sensor: the system does not allow it. */
    public static MtdException sensorDenied() {
        return of(Kind.DEVICE, 501, Remedy.STOP, "The system does not allow reading apps or settings.");
    }

    /** For a sensor: the system gave an error, or an incomplete list. */
    public static MtdException sensorFailed() {
        return of(Kind.DEVICE, 507, Remedy.RETRY, "Apps or settings cannot be read in full.");
    }

    /** For a platform layer: a call that blocks came on the main thread. */
    public static MtdException mainThread() {
        return of(Kind.USE, 136, Remedy.CORRECT_THE_CALL, "A blocking call on the app's main thread.");
    }

    /** For a platform layer: an argument is absent, of the wrong type, or cannot be read. */
    public static MtdException argument() {
        return of(Kind.USE, 134, Remedy.CORRECT_THE_CALL,
                "An argument is absent, of the wrong type, or cannot be read.");
    }

    static MtdException notLoaded() {
        return of(Kind.DEVICE, 514, Remedy.STOP, "The native library is not there, or is for another device.");
    }

    /** Who can mend it. */
    public Kind kind() {
        return kind;
    }

    /** Stable number; never used for something else in a later version. */
    public int code() {
        return code;
    }

    /** What is done about it. */
    public Remedy remedy() {
        return remedy;
    }

    /** Earliest time for the same again, in milliseconds from now; 0 where none is known. */
    public long retryAfterMillis() {
        return retryAfterMillis;
    }
}
