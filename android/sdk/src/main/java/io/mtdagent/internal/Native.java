package io.mtdagent.internal;

/**
 * The native methods, all of them. Not for apps: {@link io.mtdagent.MtdAgent} is.
 *
 * <p>None crashes on null, on a wrong type or on a handle that was given up: each throws instead.
 */
public final class Native {
    /** The library was found and fits. */
    public static final boolean LOADED = load();

    private Native() {
    }

    /** Starts an agent. Returns its handle, never 0. {@code host} must be an {@code io.mtdagent.Host}. */
    public static native long start(Object host, String trust, String folder)
            throws io.mtdagent.MtdException;

    /** A complete configuration; {@code kind} is below 0 where there is no credential. */
    public static native void configure(long handle, String gateway, String device, String tenant, int kind,
            String credential) throws io.mtdagent.MtdException;

    /** Consent was given or withdrawn. */
    public static native void setConsent(long handle, boolean given) throws io.mtdagent.MtdException;

    /** Be in contact now. */
    public static native void checkIn(long handle) throws io.mtdagent.MtdException;

    /** The partner's engine found something. */
    public static native void report(long handle, String classification, String app)
            throws io.mtdagent.MtdException;

    /** The partner's engine no longer finds it. */
    public static native void clear(long handle, String classification, String app)
            throws io.mtdagent.MtdException;

    /** The network changed. */
    public static native void networkChanged(long handle, int reach, String name, boolean metered)
            throws io.mtdagent.MtdException;

    /** Apps or settings changed. */
    public static native void appsChanged(long handle) throws io.mtdagent.MtdException;

    /** The first unlock since boot. */
    public static native void unlocked(long handle) throws io.mtdagent.MtdException;

    /** Blocks until the agent rests, at most for the budget in milliseconds. */
    public static native boolean settle(long handle, long budgetMillis) throws io.mtdagent.MtdException;

    /** The status, in the form that {@code StatusReader} reads. */
    public static native byte[] status(long handle) throws io.mtdagent.MtdException;

    /** Tells the cloud, then forgets everything. */
    public static native void deactivate(long handle) throws io.mtdagent.MtdException;

    /** Ends the agent. A handle that was given up is no error here. */
    public static native void stop(long handle) throws io.mtdagent.MtdException;

    private static boolean load() {
        try {
            System.loadLibrary("agent_bindings");
            return true;
        } catch (LinkageError absent) {
            return false;
        } catch (SecurityException forbidden) {
            return false;
        }
    }
}
