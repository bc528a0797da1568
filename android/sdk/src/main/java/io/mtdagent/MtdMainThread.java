package io.mtdagent;

/**
 * Tells the app's main thread, where {@link MtdAgent#start}, {@link MtdAgent#settle} and {@link MtdAgent#stop} throw
 * instead of blocking. Returns at once.
 */
public interface MtdMainThread {
    /** Whether the caller's thread is the main thread. */
    boolean isCurrent();
}
