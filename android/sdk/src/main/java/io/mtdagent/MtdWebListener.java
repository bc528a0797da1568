package io.mtdagent;

/** A listener of an app that asks about domains: see {@link MtdAgent#visit}. */
public interface MtdWebListener extends MtdListener {
    /** The answer to one visit, in the order of the questions. Called on the thread {@code mtd-agent}. */
    void onWebAnswer(MtdWebAnswer answer);
}
