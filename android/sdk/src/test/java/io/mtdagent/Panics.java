package io.mtdagent;

import io.mtdagent.internal.Doors;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A panic inside every entry, above and below the façade. */
final class Panics {
    private final Boundary test;

    Panics(Boundary test) {
        this.test = test;
    }

    void everywhere() throws Exception {
        for (String above : new String[] {"", "jni."}) {
            start(above + "start");
            for (String method : Boundary.entries(null).keySet()) {
                entry(above, method);
            }
        }
        Doors.arm("data_key");
        Parts.throwsCode(202, "a panic in a callback to the key store", () -> started());
        Parts.must(!Doors.isArmed(), "data_key was passed");
        Parts.Recorder recorder = new Parts.Recorder();
        MtdAgent agent = test.start(test.keys(), recorder);
        recorder.threads.poll(10, TimeUnit.SECONDS);
        Doors.arm("status_changed");
        agent.setConsent(true);
        agent.settle(10_000);
        Parts.must(!Doors.isArmed(), "status_changed was passed");
        agent.status();
        agent.stop();
    }

    private MtdAgent started() throws MtdException {
        return test.start(test.keys(), new Parts.Recorder());
    }

    private void start(String name) throws Exception {
        Doors.arm(name);
        Parts.throwsCode(902, name, () -> started());
        Parts.must(!Doors.isArmed() && Doors.handles() == 0, name + " was passed and left nothing");
    }

    private void entry(String above, String method) throws Exception {
        Parts.Recorder recorder = new Parts.Recorder();
        MtdAgent agent = test.start(test.keys(), recorder);
        String name = above + method.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        Doors.arm(name);
        Parts.throwsCode(902, name, Boundary.entries(agent).get(method));
        Parts.must(!Doors.isArmed(), name + " was passed");
        Parts.must(recorder.inert != null && recorder.inert.code() == 902, name + ": the listener is told");
        Parts.throwsCode(902, "inert after " + name, () -> agent.status());
        Parts.throwsCode(902, "inert after " + name, () -> agent.checkIn());
        agent.stop();
        Parts.throwsCode(132, "stopped after " + name, () -> agent.status());
    }
}
