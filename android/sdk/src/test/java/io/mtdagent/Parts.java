package io.mtdagent;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/** Sensors and a listener for tests. */
final class Parts {
    private Parts() {
    }

    /** A device without findings, with apps. */
    static class Sensors implements MtdSensors {
        private final List<MtdApp> apps;

        Sensors(List<MtdApp> apps) {
            this.apps = apps;
        }

        @Override
        public Posture posture() throws MtdException {
            return new Posture("android", "4.1.2", "Nexus S", null, Collections.<String>emptyList(),
                    Collections.<String>emptyList());
        }

        @Override
        public List<MtdApp> apps() throws MtdException {
            return apps;
        }

        @Override
        public byte[] hash(String packageName) throws MtdException {
            throw MtdException.sensorDenied();
        }
    }

    /** Keeps the names of the threads it was called on, and what made the agent inert. */
    static class Recorder implements MtdListener {
        final LinkedBlockingQueue<String> threads = new LinkedBlockingQueue<String>();
        volatile MtdException inert;

        @Override
        public void onStatus(MtdStatus status) {
            threads.add(Thread.currentThread().getName());
        }

        @Override
        public void onInert(MtdException error) {
            inert = error;
        }
    }

    /** As many apps, as a phone shows them. */
    static List<MtdApp> apps(int count) {
        List<MtdApp> apps = new ArrayList<MtdApp>();
        for (int i = 0; i < count; i++) {
            MtdApp app = new MtdApp("com.example.app" + i);
            app.installer = "com.android.vending";
            app.name = "Ex\u00e4mple \ud83d\udcf1 " + i;
            app.version = "1.2." + i;
            app.bundleBytes = 1000L * i;
            app.managed = i % 2 == 0;
            app.addSigner(new MtdApp.Signer(new byte[20], new byte[32]));
            apps.add(app);
        }
        return apps;
    }

    static void must(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Threads of this process whose name begins so. */
    static int threads(String name) {
        int found = 0;
        for (File task : new File("/proc/self/task").listFiles()) {
            try {
                byte[] comm = Files.readAllBytes(new File(task, "comm").toPath());
                found += new String(comm, StandardCharsets.UTF_8).startsWith(name) ? 1 : 0;
            } catch (IOException ended) {
                continue;
            }
        }
        return found;
    }

    /** Such threads end within a while. */
    static void noThread(String name, long millis) throws InterruptedException {
        long end = System.currentTimeMillis() + millis;
        while (threads(name) > 0 && System.currentTimeMillis() < end) {
            Thread.sleep(10);
        }
        must(threads(name) == 0, name + " ends by itself");
    }

    /** Something that may throw. */
    interface Call {
        void run() throws Exception;
    }

    /** The code that a call throws, 0 if it does not throw. */
    static int code(Call call) throws Exception {
        try {
            call.run();
            return 0;
        } catch (MtdException error) {
            must(error.getMessage().startsWith(error.code() + ": "), "code in the text");
            must(error.kind() != null && error.remedy() != null, "kind and remedy");
            return error.code();
        }
    }

    static void throwsCode(int code, String what, Call call) throws Exception {
        int thrown = code(call);
        must(thrown == code, what + ": " + thrown + ", not " + code);
    }
}
