package io.mtdagent;

import io.mtdagent.internal.Native;

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

    private MtdAgent(long handle) {
        this.handle = handle;
    }

    /**
     * Starts an agent, continuing from what the folder holds. Blocks as long as the key store does: not for the main
     * thread. Nothing is sent before a device ID, a tenant and consent are there.
     *
     * @throws MtdException 131 for trust that cannot be used, 134 for null, 505 where another agent holds the folder,
     *         514 where the native library is not there, else what key store and folder report
     */
    public static MtdAgent start(MtdConfig config, MtdKeyStore keys, MtdSensors sensors, MtdListener listener)
            throws MtdException {
        Host host = new Host(keys, sensors, listener);
        if (config == null || config.folder == null) {
            throw MtdException.argument();
        }
        if (!Native.LOADED) {
            throw MtdException.notLoaded();
        }
        MtdAgent agent = new MtdAgent(Native.start(host, config.trustJson, config.folder.getPath()));
        boolean ready = false;
        try {
            if (config.configuration != null) {
                agent.configure(config.configuration);
            }
            ready = true;
            return agent;
        } finally {
            if (!ready) {
                agent.stop();
            }
        }
    }

    /** Hands in a configuration, complete each time. Returns at once. */
    public void configure(MtdConfiguration configuration) throws MtdException {
        if (configuration == null) {
            throw MtdException.argument();
        }
        int kind = configuration.credentialKind == null ? -1 : configuration.credentialKind.ordinal();
        Native.configure(handle, configuration.gateway, configuration.deviceId, configuration.tenantId, kind,
                configuration.credential);
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
     * @throws MtdException 134 for a negative budget, 135 from within the listener
     */
    public boolean settle(long budgetMillis) throws MtdException {
        return Native.settle(handle, budgetMillis);
    }

    /** A copy of the status. Never blocks. */
    public MtdStatus status() throws MtdException {
        return new MtdStatus(new StatusReader(Native.status(handle)));
    }

    /** Tells the cloud that the device leaves, then forgets everything. Returns at once. */
    public void deactivate() throws MtdException {
        Native.deactivate(handle);
    }

    /**
     * Ends the agent within a second; what was recorded is on disk. Twice is no error.
     *
     * @throws MtdException 135 from within the listener
     */
    public void stop() throws MtdException {
        Native.stop(handle);
    }
}
