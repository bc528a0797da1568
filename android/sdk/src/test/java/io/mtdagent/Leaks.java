package io.mtdagent;

import io.mtdagent.internal.Doors;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;

/** Many starts and ends leave no handle, thread, file, reference, byte of the library or object of Java. */
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
        once(false);
        Parts.noThread("mtd-", PATIENCE_MILLIS);
        Held before = new Held();
        List<WeakReference<Object>> lives = new ArrayList<WeakReference<Object>>();
        long begun = System.nanoTime();
        for (int i = 0; i < times; i++) {
            lives.add(new WeakReference<Object>(once(i % RESTLESS == 0)));
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        int alive = alive(lives);
        Parts.noThread("mtd-", PATIENCE_MILLIS);
        Held after = new Held();
        System.out.println(times + " starts and ends in " + millis + " ms: " + before + " -> " + after + ", handles "
                + Doors.handles() + ", objects " + alive + ", too early " + early);
        Parts.must(Doors.handles() == 0, "handles");
        Parts.must(alive == 0, "the library holds no object of an agent that ended");
        Parts.must(!after.exceeds(before), "what many lives leave");
    }

    private static int alive(List<WeakReference<Object>> lives) throws InterruptedException {
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        int alive = lives.size();
        while (alive > 0 && System.currentTimeMillis() < end) {
            System.gc();
            Thread.sleep(50);
            alive = 0;
            for (WeakReference<Object> life : lives) {
                alive += life.get() == null ? 0 : 1;
            }
        }
        return alive;
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

    /** What the process holds besides objects of Java. */
    private static final class Held {
        /** The virtual machine's own come and go. */
        private static final int THREADS_OF_JAVA = 2;
        private static final int REFERENCES_OF_JAVA = 8;
        private static final Pattern REFERENCES = Pattern.compile("JNI global ref[a-z]*: (\\d+)");

        private final int threads = count("task");
        private final int files = count("fd");
        private final long heap = Doors.heap();
        private final int references = references();

        Held() throws Exception {
        }

        boolean exceeds(Held before) {
            return threads > before.threads + THREADS_OF_JAVA || files > before.files || heap > before.heap
                    || references > before.references + REFERENCES_OF_JAVA;
        }

        @Override
        public String toString() {
            return threads + " threads, " + files + " files, " + heap + " bytes of the library, " + references
                    + " references";
        }

        private static int count(String what) {
            String[] names = new File("/proc/self/" + what).list();
            return names == null ? 0 : names.length;
        }

        /** By which native code holds objects: the virtual machine tells it at the end of a dump of its threads. */
        private static int references() throws Exception {
            Object dump = ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "threadPrint",
                    new Object[] {new String[0]}, new String[] {String[].class.getName()});
            Matcher told = REFERENCES.matcher((String) dump);
            Parts.must(told.find(), "the virtual machine counts references");
            return Integer.parseInt(told.group(1));
        }
    }
}
