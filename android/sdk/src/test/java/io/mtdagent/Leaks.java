package io.mtdagent;

import io.mtdagent.internal.Doors;
import java.io.File;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/** Many starts and ends leave no handle, thread, file or object of Java. */
final class Leaks {
    private static final long PATIENCE_MILLIS = 10_000;
    /** So many lives end before they rest; in one that rests the journal is laid down, which each start reads. */
    private static final int RESTLESS = 200;

    private final Boundary test;
    private final int times;
    /** Starts that came before the agent ahead had let go of the folder: the system was not done within its second. */
    private int early;

    Leaks(Boundary test, int times) {
        this.times = times;
        this.test = test;
    }

    void none() throws Exception {
        once(true);
        settled(count("task"), count("fd"));
        int threads = count("task");
        int files = count("fd");
        List<WeakReference<Object>> held = new ArrayList<WeakReference<Object>>();
        long begun = System.nanoTime();
        for (int i = 0; i < times; i++) {
            held.add(new WeakReference<Object>(once(i % RESTLESS == 0)));
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        settled(threads, files);
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        int alive = times;
        while (alive > 0 && System.currentTimeMillis() < end) {
            System.gc();
            Thread.sleep(50);
            alive = 0;
            for (WeakReference<Object> one : held) {
                alive += one.get() == null ? 0 : 1;
            }
        }
        System.out.println(times + " starts and ends in " + millis + " ms: threads " + threads + " -> " + count("task")
                + ", files " + files + " -> " + count("fd") + ", handles " + Doors.handles() + ", objects " + alive + ", too early " + early);
        Parts.must(Doors.handles() == 0, "handles");
        Parts.must(alive == 0, "the library holds no object of an agent that ended");
        Parts.must(count("task") <= threads + 2, "threads");
        Parts.must(count("fd") <= files, "files");
    }

    private Object once(boolean rests) throws Exception {
        Parts.Recorder listener = new Parts.Recorder();
        MtdAgent agent = started(listener, System.currentTimeMillis() + PATIENCE_MILLIS);
        agent.status();
        if (rests) {
            agent.settle(PATIENCE_MILLIS);
        }
        agent.stop();
        return listener;
    }

    private MtdAgent started(MtdListener listener, long end) throws Exception {
        while (true) {
            try {
                return test.start(test.keys(), listener);
            } catch (MtdException refused) {
                if (refused.code() != 505 || System.currentTimeMillis() > end) {
                    throw refused;
                }
                early++;
                Thread.sleep(20);
            }
        }
    }

    /** The errand thread ends on its own, soon after the agent. */
    private static void settled(int threads, int files) throws InterruptedException {
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while ((count("task") > threads || count("fd") > files) && System.currentTimeMillis() < end) {
            Thread.sleep(20);
        }
    }

    private static int count(String what) {
        String[] names = new File("/proc/self/" + what).list();
        return names == null ? 0 : names.length;
    }
}
