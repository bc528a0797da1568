package io.mtdagent;

import io.mtdagent.Parts.Call;
import io.mtdagent.internal.Doors;
import io.mtdagent.internal.Native;
import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What must not happen between Java and the native library: {@code Boundary <trust> <folder> <starts>}. */
final class Boundary {
    private static final long SEED = 7;
    private static final MtdConfiguration NOTHING = new MtdConfiguration(null, null, null, null, null);

    private final String trust;
    private final File folder;

    private Boundary(String trust, File folder) {
        this.trust = trust;
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        String trust = new String(Files.readAllBytes(new File(args[0]).toPath()), StandardCharsets.UTF_8);
        Boundary test = new Boundary(trust, new File(args[1]));
        noEntryIsMissing();
        test.nullAndWrongType();
        texts();
        test.mainThread();
        test.callAfterStop();
        test.whatHostsThrow();
        test.listener();
        test.manyThreads();
        test.apps();
        new Hanging().nothingIsCalledAfterTheEnd(test, new File(test.folder, "keys"));
        new Panics(test).everywhere();
        new Leaks(test, Integer.parseInt(args[2])).none();
        Parts.must(Doors.handles() == 0, "no handle is left");
        System.out.println("boundary holds");
    }

    MtdAgent start(MtdKeyStore keys, MtdListener listener) throws MtdException {
        return MtdAgent.start(config(), keys, new Parts.Sensors(Parts.apps(1)), listener);
    }

    private MtdConfig config() {
        return new MtdConfig(trust, new File(folder, "state"), null);
    }

    JdkKeys keys() {
        return new JdkKeys(new File(folder, "keys"));
    }

    private Host host() throws MtdException {
        return new Host(keys(), new Parts.Sensors(Parts.apps(1)), new Parts.Recorder());
    }

    private static void texts() {
        char[] all = new char[Character.MAX_VALUE + 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = (char) i;
        }
        String halves = new String(all, Character.MIN_SURROGATE, Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1);
        String every = new String(all).replace(halves, "\ud83d\udcf1");
        for (String text : new String[] {"", "a\u0000b", "Ex\u00e4mple \ud83d\udcf1", every}) {
            Parts.must(text.equals(Doors.echo(text)), "a text of " + text.length() + " is the same");
        }
        Parts.must("a\ufffdb\ufffd".equals(Doors.echo("a\ud83db\udcf1")), "half a pair is replaced");
    }

    private void nullAndWrongType() throws Exception {
        final String path = new File(folder, "state").getPath();
        final Host host = host();
        final byte[] partners = {0, 0};
        final byte[] none = {0};
        Parts.throwsCode(134, "no host", () -> Native.start(null, trust, path, partners, none));
        Parts.throwsCode(134, "wrong type", () -> Native.start("a text", trust, path, partners, none));
        Parts.throwsCode(134, "wrong type of array", () -> Native.start(new Object[] {host}, trust, path, partners, none));
        Parts.throwsCode(134, "no trust", () -> Native.start(host, null, path, partners, none));
        Parts.throwsCode(134, "no folder", () -> Native.start(host, trust, null, partners, none));
        Parts.throwsCode(134, "no partners", () -> Native.start(host, trust, path, null, none));
        Parts.throwsCode(134, "no configurations", () -> Native.start(host, trust, path, partners, null));
        Parts.throwsCode(134, "an unknown partner", () -> MtdAgent.start(config().withPartners("nobody"), keys(),
                new Parts.Sensors(null), new Parts.Recorder()));
        Parts.throwsCode(134, "no host to start over", () -> Native.startOver(null, trust, path, partners, none));
        Parts.throwsCode(131, "bad trust", () -> Native.start(host, "{}", path, partners, none));
        Parts.throwsCode(134, "null part", () -> start(null, new Parts.Recorder()));
        Parts.throwsCode(134, "null config",
                () -> MtdAgent.start(null, keys(), new Parts.Sensors(null), new Parts.Recorder()));
        MtdAgent agent = start(keys(), new Parts.Recorder());
        Parts.throwsCode(505, "one agent in one folder", () -> start(keys(), new Parts.Recorder()));
        Parts.throwsCode(134, "no classification", () -> agent.report(null, null));
        Parts.throwsCode(134, "unknown classification", () -> agent.report("NO_SUCH", null));
        Parts.throwsCode(134, "half a surrogate pair", () -> agent.clear("\ud83d", "\u0000"));
        Parts.throwsCode(134, "no reach", () -> agent.networkChanged(null, null, false));
        Parts.throwsCode(134, "negative budget", () -> agent.settle(-1));
        Parts.throwsCode(0, "every value may be null",
                () -> agent.configure(NOTHING));
        Parts.throwsCode(0, "no managed configuration", () -> agent.configure(MtdConfiguration.managed(null)));
        Parts.throwsCode(134, "no configuration", () -> agent.configure(null));
        for (final byte[] odd : new byte[][] {null, {}, {1}, {1, 9, 0, 0}, {0, 0}, {1, 0, 0, 1, 0, 0, 6}}) {
            Parts.throwsCode(134, "no configurations: " + Arrays.toString(odd), () -> Native.configure(1, odd));
        }
        Parts.throwsCode(134, "no threat", () -> agent.ignore(null));
        Parts.throwsCode(134, "no threat's ID", () -> agent.ignore("7"));
        Parts.throwsCode(134, "no domain", () -> agent.visit(null));
        Parts.throwsCode(134, "an address", () -> agent.visit("192.0.2.1"));
        Parts.throwsCode(134, "no domain", () -> agent.left(""));
        Parts.throwsCode(134, "no language", () -> agent.setLanguage(null));
        Parts.throwsCode(0, "a language of nobody", () -> agent.setLanguage("\ud83d"));
        for (final long handle : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            Parts.throwsCode(132, "no such handle", () -> Native.status(handle));
            Parts.throwsCode(0, "nothing to stop", () -> Native.stop(handle));
        }
        agent.stop();
    }

    /** Every method of an agent, by the name of its native method. */
    static Map<String, Call> entries(final MtdAgent agent) {
        Map<String, Call> entries = new LinkedHashMap<String, Call>();
        entries.put("configure", () -> agent.configure(NOTHING));
        entries.put("setConsent", () -> agent.setConsent(false));
        entries.put("checkIn", () -> agent.checkIn());
        entries.put("report", () -> agent.report("ROGUE_WIFI", null));
        entries.put("clear", () -> agent.clear("ROGUE_WIFI", null));
        entries.put("ignore", () -> agent.ignore("00000000000000000000000000000000"));
        entries.put("visit", () -> agent.visit("example.com"));
        entries.put("left", () -> agent.left("example.com"));
        entries.put("networkChanged", () -> agent.networkChanged(MtdAgent.Reach.OFFLINE, null, true));
        entries.put("powerChanged", () -> agent.powerChanged(true));
        entries.put("appsChanged", () -> agent.appsChanged());
        entries.put("unlocked", () -> agent.unlocked());
        entries.put("settle", () -> agent.settle(1));
        entries.put("setLanguage", () -> agent.setLanguage("nl"));
        entries.put("status", () -> agent.status());
        entries.put("ledger", () -> agent.ledger());
        entries.put("deactivate", () -> agent.deactivate());
        entries.put("stop", () -> agent.stop());
        return entries;
    }

    /** What is tried on every entry is tried on every native method there is. */
    private static void noEntryIsMissing() {
        Set<String> natives = new TreeSet<String>();
        for (Method method : Native.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                natives.add(method.getName());
            }
        }
        Set<String> tried = new TreeSet<String>(entries(null).keySet());
        tried.add("start");
        tried.add("startOver");
        Parts.must(tried.equals(natives), "tried " + tried + ", there are " + natives);
    }

    private void mainThread() throws Exception {
        final Thread main = Thread.currentThread();
        final MtdConfig config = config().withMainThread(() -> Thread.currentThread() == main);
        final AtomicReference<MtdAgent> started = new AtomicReference<MtdAgent>();
        Call start = () -> started.set(MtdAgent.start(config, keys(), new Parts.Sensors(null), new Parts.Recorder()));
        Parts.throwsCode(136, "start", start);
        elsewhere(start);
        final MtdAgent agent = started.get();
        Parts.throwsCode(136, "settle", () -> agent.settle(1));
        Parts.throwsCode(136, "stop", () -> agent.stop());
        agent.checkIn();
        agent.status();
        elsewhere(() -> agent.stop());
        Parts.throwsCode(132, "stopped elsewhere", () -> agent.checkIn());
    }

    private static void elsewhere(final Call call) throws Exception {
        final AtomicReference<Throwable> fault = new AtomicReference<Throwable>();
        Thread thread = new Thread(() -> {
            try {
                call.run();
            } catch (Throwable thrown) {
                fault.set(thrown);
            }
        });
        thread.start();
        thread.join();
        if (fault.get() != null) {
            throw new AssertionError(fault.get());
        }
    }

    private void callAfterStop() throws Exception {
        MtdAgent agent = start(keys(), new Parts.Recorder());
        agent.stop();
        for (Map.Entry<String, Call> entry : entries(agent).entrySet()) {
            int code = entry.getKey().equals("stop") ? 0 : 132;
            Parts.throwsCode(code, "after the end: " + entry.getKey(), entry.getValue());
        }
    }

    private void whatHostsThrow() throws Exception {
        Object[][] thrown = {
            {MtdException.keyStoreLocked(), 201}, {MtdException.keyGone(), 203},
            {MtdException.keyUnsupported(), 204}, {new IllegalStateException(), 202},
            {new StackOverflowError(), 202}, {MtdException.sensorDenied(), 202}, {null, 202},
        };
        for (final Object[] row : thrown) {
            JdkKeys keys = new JdkKeys(new File(folder, "keys")) {
                @Override
                public byte[] dataKey() throws MtdException {
                    if (row[0] instanceof MtdException) {
                        throw (MtdException) row[0];
                    } else if (row[0] instanceof RuntimeException) {
                        throw (RuntimeException) row[0];
                    } else if (row[0] instanceof Error) {
                        throw (Error) row[0];
                    }
                    return null;
                }
            };
            Parts.throwsCode((Integer) row[1], "thrown by a host: " + row[0], () -> start(keys, new Parts.Recorder()));
        }
        JdkKeys odd = new JdkKeys(new File(folder, "keys")) {
            @Override
            public byte[] dataKey() {
                return new byte[31];
            }
        };
        Parts.throwsCode(202, "a data key of 31 bytes", () -> start(odd, new Parts.Recorder()));
    }

    private void listener() throws Exception {
        final AtomicReference<MtdAgent> agent = new AtomicReference<MtdAgent>();
        final AtomicInteger settled = new AtomicInteger(-1);
        final AtomicInteger stopped = new AtomicInteger(-1);
        Parts.Recorder recorder = new Parts.Recorder() {
            @Override
            public void onStatus(MtdStatus status) {
                MtdAgent here = agent.get();
                try {
                    if (here != null) {
                        settled.set(Parts.code(() -> here.settle(60_000)));
                        stopped.set(Parts.code(() -> here.stop()));
                    }
                } catch (Exception never) {
                    throw new AssertionError(never);
                }
                super.onStatus(status);
                throw new IllegalStateException("a host's own fault");
            }
        };
        agent.set(start(keys(), recorder));
        agent.get().setConsent(true);
        while (stopped.get() < 0) {
            String thread = recorder.threads.poll(10, TimeUnit.SECONDS);
            Parts.must("mtd-agent".equals(thread), "the listener's thread: " + thread);
        }
        agent.get().status();
        Parts.must(settled.get() == 135 && stopped.get() == 135, "blocking calls from within the listener");
        agent.get().stop();
    }

    private void manyThreads() throws Exception {
        final MtdAgent agent = start(keys(), new Parts.Recorder());
        final AtomicReference<Throwable> fault = new AtomicReference<Throwable>();
        Thread[] threads = new Thread[16];
        for (int i = 0; i < threads.length; i++) {
            final int number = i;
            threads[i] = new Thread(() -> {
                try {
                    for (int round = 0; round < 100; round++) {
                        List<Call> entries = new ArrayList<Call>(entries(agent).values());
                        // The last is the end, which one thread brings about in the middle.
                        int at = number == 0 && round == 50 ? entries.size() - 1 : (number + round) % (entries.size() - 1);
                        int code = Parts.code(entries.get(at));
                        Parts.must(code == 0 || code == 132 || code == 133, "unexpected " + code);
                    }
                } catch (Throwable thrown) {
                    fault.set(thrown);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (fault.get() != null) {
            throw new AssertionError(fault.get());
        }
        Parts.throwsCode(132, "stopped in the middle", () -> agent.status());
    }

    private void apps() throws Exception {
        List<MtdApp> apps = Parts.apps(500);
        long written = Long.MAX_VALUE;
        long parsed = Long.MAX_VALUE;
        byte[] buffer = null;
        for (int i = 0; i < 300; i++) {
            long begun = System.nanoTime();
            buffer = Buffer.ofApps(apps);
            long filled = System.nanoTime();
            int count = Doors.parse(buffer);
            parsed = Math.min(parsed, System.nanoTime() - filled);
            written = Math.min(written, filled - begun);
            Parts.must(count == 500, "500 apps");
        }
        System.out.println("500 apps, " + buffer.length + " bytes: written by Java in " + written / 1000
                + " us, from filled byte[] to parsed in " + parsed / 1000 + " us");
        Random random = new Random(SEED);
        for (int i = 0; i < 2_000; i++) {
            byte[] garbage = buffer.clone();
            for (int changes = random.nextInt(6); changes >= 0; changes--) {
                garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
            }
            final byte[] cut = Arrays.copyOf(garbage, random.nextInt(garbage.length * 2));
            int code = Parts.code(() -> Doors.parse(cut));
            Parts.must(code == 0 || code == 134, "garbage, seed " + SEED + ", round " + i + ": " + code);
        }
        Parts.throwsCode(134, "no buffer", () -> Doors.parse(null));
        Parts.throwsCode(507, "more apps than are kept", () -> Buffer.ofApps(Parts.apps(5_001)));
        Parts.throwsCode(507, "no apps", () -> Buffer.ofApps(null));
    }
}
