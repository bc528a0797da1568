package io.mtdagent;

import java.io.File;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A key store hangs while the agent is stopped: what it answers then comes to nothing, nothing else is called. */
final class Hanging {
    private static final long PATIENCE_MILLIS = 10_000;

    private final Queue<String> afterTheEnd = new ConcurrentLinkedQueue<String>();
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private volatile boolean stopped;

    void nothingIsCalledAfterTheEnd(Boundary test, File folder) throws Exception {
        MtdAgent agent = test.start(new Keys(folder), new Parts.Recorder() {
            @Override
            public void onStatus(MtdStatus status) {
                called("onStatus");
            }
        });
        agent.setConsent(true);
        // Both keys and the data key go, one after another, on one thread.
        agent.deactivate();
        Parts.must(hangs.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), "the key store is asked to destroy a key");
        agent.stop();
        stopped = true;
        Parts.must(Parts.threads("mtd-errands") > 0, "the call that hangs outlives the agent");
        goesOn.countDown();
        Parts.noThread("mtd-errands", PATIENCE_MILLIS);
        Parts.must(afterTheEnd.isEmpty(), "called after the end: " + afterTheEnd);
    }

    private void called(String what) {
        if (stopped) {
            afterTheEnd.add(what);
        }
    }

    private final class Keys extends JdkKeys {
        Keys(File folder) {
            super(folder);
        }

        @Override
        public void destroy(Slot slot) {
            called("destroy " + slot);
            hangs.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
            super.destroy(slot);
        }

        @Override
        public void destroyDataKey() throws MtdException {
            called("destroyDataKey");
            super.destroyDataKey();
        }
    }
}
