package io.mtdagent;

import io.mtdagent.internal.Native;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A running agent. Keep one in the process; another on the same folder is refused with code 505.
 *
 * <p>Every method may be called from any thread. Those that return at once hand the work to the agent's own thread.
 * Every method throws {@link MtdException}: 132 after {@link #stop}, 133 when too many calls wait, 902 after an internal
 * fault; what else is said at the method.
 */
public final class MtdAgent {
    /** How far the network reaches. */
    public enum Reach {
        /** Not known: try. */
        UNKNOWN,
        /** None. */
        OFFLINE,
        /** A captive portal stands in front. */
        CAPTIVE,
        /** The internet. */
        ONLINE
    }

    private final long handle;
    private final MtdMainThread mainThread;

    private MtdAgent(long handle, MtdMainThread mainThread) {
        this.handle = handle;
        this.mainThread = mainThread;
    }

    /**
     * Starts an agent, continuing from what the folder holds. Blocks as long as the key store does. Nothing is sent
     * before a device ID, a tenant and consent are there.
     *
     * @throws MtdException 131 for trust that cannot be used, 134 for null or a partner that is not in the table, 136
     *         on the main thread, 505 where another agent holds the folder, 514 where the native library is not
     *         there, else what key store and folder report
     */
    public static MtdAgent start(MtdConfig config, MtdKeyStore keys, MtdSensors sensors, MtdListener listener)
            throws MtdException {
        return start(config, keys, sensors, listener, false);
    }

    /**
     * Starts an agent as {@link #start} does. Only where that fails with the remedy
     * {@link MtdException.Remedy#START_OVER} is what the folder holds given up, and every key destroyed: the device
     * activates anew, by a credential in the configuration, and its first report tells the administrator. Call it when
     * {@code start} failed so twice after the first unlock: before, a key store may say that a key is gone that is not.
     *
     * @throws MtdException as {@link #start}
     */
    public static MtdAgent startOver(MtdConfig config, MtdKeyStore keys, MtdSensors sensors, MtdListener listener)
            throws MtdException {
        return start(config, keys, sensors, listener, true);
    }

    private static MtdAgent start(MtdConfig config, MtdKeyStore keys, MtdSensors sensors, MtdListener listener,
            boolean over) throws MtdException {
        Host host = new Host(keys, sensors, listener);
        if (config == null || config.folder == null) {
            throw MtdException.argument();
        }
        mustNotBe(config.mainThread);
        if (!Native.LOADED) {
            throw MtdException.notLoaded();
        }
        byte[] partners = Buffer.ofNames(config.partners);
        byte[] configurations = Buffer.ofConfigurations(config.configurations);
        try {
            String folder = config.folder.getPath();
            long handle = over ? Native.startOver(host, config.trustJson, folder, partners, configurations)
                    : Native.start(host, config.trustJson, folder, partners, configurations);
            return new MtdAgent(handle, config.mainThread);
        } finally {
            Arrays.fill(configurations, (byte) 0);
        }
    }

    /**
     * What one source says now, whole. It replaces what its provenance said before; the other sources stand. Returns
     * at once.
     *
     * @throws MtdException 134 for null
     */
    public void configure(MtdConfiguration configuration) throws MtdException {
        byte[] configurations = Buffer.ofConfigurations(Collections.singletonList(configuration));
        try {
            Native.configure(handle, configurations);
        } finally {
            Arrays.fill(configurations, (byte) 0);
        }
    }

    /** The user or the administrator agreed that the device is protected and reports, or no longer agrees. */
    public void setConsent(boolean given) throws MtdException {
        Native.setConsent(handle, given);
    }

    /** Be in contact now: the system gave time, a push came, or the user asked. Returns at once. */
    public void checkIn() throws MtdException {
        Native.checkIn(handle);
    }

    /**
     * The app's own engine found something. Returns at once.
     *
     * @param classification such as {@code ROGUE_WIFI}
     * @param appId the package it is in, or null
     * @throws MtdException 134 for a classification or package that cannot be read
     */
    public void report(String classification, String appId) throws MtdException {
        Native.report(handle, classification, appId);
    }

    /**
     * The app's own engine no longer finds it. Returns at once.
     *
     * @param classification as reported
     * @param appId as reported
     * @throws MtdException 134 for a classification or package that cannot be read
     */
    public void clear(String classification, String appId) throws MtdException {
        Native.clear(handle, classification, appId);
    }

    /**
     * The user ignores an open threat. Counts only where policy allows it, and only for as long. Returns at once.
     *
     * @param threatId {@link MtdThreat#id}
     * @throws MtdException 134 for what is no threat's ID
     */
    public void ignore(String threatId) throws MtdException {
        Native.ignore(handle, threatId);
    }

    /**
     * The user is about to visit a domain. Returns at once; the listener is told what is known of it, without
     * network, if it is an {@link MtdWebListener}.
     *
     * @param domain a host name, an international one in its ASCII form
     * @throws MtdException 134 for what is no domain name
     */
    public void visit(String domain) throws MtdException {
        Native.visit(handle, domain);
    }

    /**
     * The user left the domain's page, or did not open it: the threat of a visit ends with it. Returns at once.
     *
     * @param domain as visited
     * @throws MtdException 134 for what is no domain name
     */
    public void left(String domain) throws MtdException {
        Native.left(handle, domain);
    }

    /**
     * The network changed, or is told for the first time. Returns at once.
     *
     * @param reach how far it reaches
     * @param name what tells it from other networks, or null; only its digest is kept
     * @param metered bytes cost money
     */
    public void networkChanged(Reach reach, String name, boolean metered) throws MtdException {
        if (reach == null) {
            throw MtdException.argument();
        }
        Native.networkChanged(handle, reach.ordinal(), name, metered);
    }

    /** The charger was plugged in or out, or is told for the first time. Returns at once. */
    public void powerChanged(boolean charging) throws MtdException {
        Native.powerChanged(handle, charging);
    }

    /** Apps or settings changed. Returns at once. */
    public void appsChanged() throws MtdException {
        Native.appsChanged(handle);
    }

    /** The device was unlocked for the first time since boot. Returns at once. */
    public void unlocked() throws MtdException {
        Native.unlocked(handle);
    }

    /**
     * Blocks until nothing is being done and nothing is due within five seconds: what a background job waits for.
     *
     * @param budgetMillis longest wait, in milliseconds
     * @return true if the agent came to rest
     * @throws MtdException 134 for a negative budget, 135 from within the listener, 136 on the main thread
     */
    public boolean settle(long budgetMillis) throws MtdException {
        mustNotBe(mainThread);
        return Native.settle(handle, budgetMillis);
    }

    /**
     * The language of sentences for the phone's owner, in the status and for the listener from now on. English at the
     * start.
     *
     * @param tag such as {@code fr-BE}; English, French and Dutch are there, every other is answered in English
     * @throws MtdException 134 for null
     */
    public void setLanguage(String tag) throws MtdException {
        Native.setLanguage(handle, tag);
    }

    /** A copy of the status. Never blocks. */
    public MtdStatus status() throws MtdException {
        return new MtdStatus(new StatusReader(Native.status(handle)));
    }

    /** What was sent, when and why, newest first, at most 200. Never blocks. Never null. */
    public List<MtdLedgerEntry> ledger() throws MtdException {
        StatusReader in = new StatusReader(Native.ledger(handle));
        in.version();
        return Collections.unmodifiableList(in.ledger());
    }

    /** Tells the cloud that the device leaves, then forgets everything. Returns at once. */
    public void deactivate() throws MtdException {
        Native.deactivate(handle);
    }

    /**
     * Ends the agent, waiting a second at most; what was recorded is on disk. Twice is no error. A disk or a listener
     * that takes longer keeps the folder until it is done: a start before that is refused with 505.
     *
     * @throws MtdException 135 from within the listener, 136 on the main thread
     */
    public void stop() throws MtdException {
        mustNotBe(mainThread);
        Native.stop(handle);
    }

    private static void mustNotBe(MtdMainThread mainThread) throws MtdException {
        if (mainThread != null && mainThread.isCurrent()) {
            throw MtdException.mainThread();
        }
    }
}
