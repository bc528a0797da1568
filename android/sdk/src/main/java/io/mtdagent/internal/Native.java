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
    public static native long start(Object host, String trust, String folder, byte[] partners,
            byte[] configurations) throws io.mtdagent.MtdException;

    /** Starts an agent as {@link #start} does; what was stored and is lost is given up. Returns its handle, never 0. */
    public static native long startOver(Object host, String trust, String folder, byte[] partners,
            byte[] configurations) throws io.mtdagent.MtdException;

    /** What some sources say now. */
    public static native void configure(long handle, byte[] configurations) throws io.mtdagent.MtdException;

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

    /** The user ignores an open threat. */
    public static native void ignore(long handle, String threat) throws io.mtdagent.MtdException;

    /** The user is about to visit a domain. */
    public static native void visit(long handle, String domain) throws io.mtdagent.MtdException;

    /** The user left a page of the domain. */
    public static native void left(long handle, String domain) throws io.mtdagent.MtdException;

    /** The network changed. */
    public static native void networkChanged(long handle, int reach, String name, boolean metered)
            throws io.mtdagent.MtdException;

    /** The charger was plugged in or out. */
    public static native void powerChanged(long handle, boolean charging) throws io.mtdagent.MtdException;

    /** Apps or settings changed. */
    public static native void appsChanged(long handle) throws io.mtdagent.MtdException;

    /** The first unlock since boot. */
    public static native void unlocked(long handle) throws io.mtdagent.MtdException;

    /** Blocks until the agent rests, at most for the budget in milliseconds. */
    public static native boolean settle(long handle, long budgetMillis) throws io.mtdagent.MtdException;

    /** The language of sentences. */
    public static native void setLanguage(long handle, String tag) throws io.mtdagent.MtdException;

    /** The status, in the form that {@code StatusReader} reads. */
    public static native byte[] status(long handle) throws io.mtdagent.MtdException;

    /** The privacy ledger, in the form that {@code StatusReader} reads. */
    public static native byte[] ledger(long handle) throws io.mtdagent.MtdException;

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
