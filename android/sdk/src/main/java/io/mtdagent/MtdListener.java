package io.mtdagent;

/**
 * Is told of changes. Must return soon: post to your own thread what takes longer. {@link MtdAgent#settle} and
 * {@link MtdAgent#stop} throw when called from within. What it throws is dropped.
 */
public interface MtdListener {
    /** The status changed. Called on the thread {@code mtd-agent}. */
    void onStatus(MtdStatus status);

    /**
     * The agent does nothing any more after an internal fault; the app keeps running. Called on {@code mtd-agent}, or
     * on the thread whose call met the fault.
     */
    void onInert(MtdException error);
}
