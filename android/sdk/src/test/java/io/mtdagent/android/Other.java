package io.mtdagent.android;

import io.mtdagent.MtdAgent;
import io.mtdagent.MtdApp;
import io.mtdagent.MtdConfig;
import io.mtdagent.MtdException;
import io.mtdagent.MtdKeyStore;
import io.mtdagent.MtdListener;
import io.mtdagent.MtdSensors;
import io.mtdagent.MtdStatus;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;

/** A second process of the app, without Android around it: it holds the folder until it is ended. */
public final class Other {
    private Other() {
    }

    static Process hold(File folder, String trust) throws Exception {
        ProcessBuilder java = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "-Djava.library.path=" + System.getProperty("java.library.path"), "-cp",
                System.getProperty("java.class.path"), Other.class.getName(), folder.getPath(), trust);
        Process process = java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
        if (!"holds".equals(said)) {
            throw new AssertionError("the other process says " + said);
        }
        return process;
    }

    public static void main(String[] args) throws Exception {
        ClassLoader loader = Other.class.getClassLoader();
        MtdKeyStore keys = (MtdKeyStore) Proxy.newProxyInstance(loader, new Class<?>[] {MtdKeyStore.class},
                (proxy, method, given) -> method.getName().equals("dataKey") ? new byte[32] : null);
        MtdSensors sensors = (MtdSensors) Proxy.newProxyInstance(loader, new Class<?>[] {MtdSensors.class},
                (proxy, method, given) -> {
                    throw MtdException.sensorFailed();
                });
        MtdListener listener = (MtdListener) Proxy.newProxyInstance(loader, new Class<?>[] {MtdListener.class},
                (proxy, method, given) -> null);
        MtdAgent.start(new MtdConfig(args[1], new File(args[0]), null), keys, sensors, listener);
        System.out.println("holds");
        System.out.flush();
        Thread.sleep(Long.MAX_VALUE);
    }
}
