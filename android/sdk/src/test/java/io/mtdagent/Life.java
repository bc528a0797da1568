package io.mtdagent;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One life of an app's process at a real gateway: {@code Life <trust> <folder> <apps> <spy package or -> <signer>
 * <command> [arguments]}. Prints one line of status.
 */
final class Life {
    private static final long BUDGET_MILLIS = 28_000;

    private Life() {
    }

    public static void main(String[] args) throws Exception {
        String trust = new String(Files.readAllBytes(new File(args[0]).toPath()), StandardCharsets.UTF_8);
        File folder = new File(args[1]);
        List<MtdApp> apps = Parts.apps(Integer.parseInt(args[2]));
        if (!args[3].equals("-")) {
            MtdApp spy = new MtdApp(args[3]);
            spy.addSigner(new MtdApp.Signer(bytes(args[4]), null));
            apps.add(spy);
        }
        Parts.Recorder listener = new Parts.Recorder();
        MtdAgent agent = MtdAgent.start(new MtdConfig(trust, new File(folder, "state"), null),
                new JdkKeys(new File(folder, "keys")), new Parts.Sensors(apps), listener);
        String command = args[5];
        boolean dies = command.equals("report-and-die");
        agent.networkChanged(dies ? MtdAgent.Reach.OFFLINE : MtdAgent.Reach.ONLINE, "home", false);
        if (command.equals("activate")) {
            agent.setConsent(true);
            agent.configure(new MtdConfiguration(args[6], args[7], args[8], MtdConfiguration.CredentialKind.CODE,
                    args[9]));
            agent.checkIn();
        } else if (command.equals("check-in")) {
            agent.checkIn();
        } else if (dies) {
            agent.report(args[6], null);
        } else if (command.equals("clear")) {
            agent.clear(args[6], null);
        } else if (command.equals("deactivate")) {
            agent.deactivate();
        }
        agent.settle(BUDGET_MILLIS);
        MtdStatus status = agent.status();
        String thread = listener.threads.poll(5, TimeUnit.SECONDS);
        System.out.println(status.activation + " " + status.level + " threats=" + status.threats.size() + " shared="
                + status.sharedApps + " key=" + status.keyProtection + " failure="
                + (status.lastFailure == null ? 0 : status.lastFailure.code()) + " thread=" + thread);
        System.out.flush();
        if (dies) {
            // As the system kills a process: nothing is closed, nobody is told.
            Runtime.getRuntime().halt(0);
        }
        agent.stop();
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }
}
