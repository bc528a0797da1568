package io.mtdagent;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        Parts.must(errands() > 0, "the call that hangs outlives the agent");
        goesOn.countDown();
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (errands() > 0 && System.currentTimeMillis() < end) {
            Thread.sleep(10);
        }
        Parts.must(errands() == 0, "the thread ends with the call");
        Parts.must(afterTheEnd.isEmpty(), "called after the end: " + afterTheEnd);
    }

    private void called(String what) {
        if (stopped) {
            afterTheEnd.add(what);
        }
    }

    /** Threads of the library that call the key store. */
    private static int errands() throws Exception {
        int found = 0;
        for (File task : new File("/proc/self/task").listFiles()) {
            try {
                byte[] name = Files.readAllBytes(new File(task, "comm").toPath());
                found += new String(name, StandardCharsets.UTF_8).trim().equals("mtd-errands") ? 1 : 0;
            } catch (java.io.IOException ended) {
                continue;
            }
        }
        return found;
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
