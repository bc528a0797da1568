package io.mtdagent.android;

import io.mtdagent.MtdAgent;
import io.mtdagent.MtdException;
import io.mtdagent.MtdListener;

/** Is told how the start went, and of changes from then on. Must return soon. What it throws is dropped. */
public interface MtdAndroidListener extends MtdListener {
    /**
     * The agent runs: say here whether the owner agreed, and hand in what a sign-in gave. Called on the thread
     * {@code mtd-platform}.
     *
     * @param agent never null, and the same as {@link MtdAndroid#agent}
     * @throws MtdException what a call on the agent throws here; dropped like the rest
     */
    void onStarted(MtdAgent agent) throws MtdException;

    /**
     * The agent does not run. It is tried again after the first unlock, after a while or at the next wake where the
     * remedy is {@code WAIT_FOR_UNLOCK} or {@code RETRY}. Called on the thread {@code mtd-platform}.
     *
     * @param error never null; 505 where another process of this app runs the agent
     */
    void onNotStarted(MtdException error);
}
