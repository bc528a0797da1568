package io.mtdagent.android;

import android.os.Build;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Locale;

/** Traces in the system's files and names. Who owns the system can hide them: they find what does not hide. */
final class Traces {
    private static final String[] SU_FOLDERS = {
        "sbin", "su/bin", "system/bin", "system/bin/.ext", "system/bin/failsafe", "system/sd/xbin", "system/xbin",
        "system/usr/we-need-root", "system_ext/bin", "vendor/bin", "vendor/xbin", "product/bin", "odm/bin",
        "data/local", "data/local/bin", "data/local/xbin", "cache", "data", "dev",
    };
    private static final String[] ROOT_FILES = {
        "system/app/Superuser.apk", "system/etc/init.d/99SuperSUDaemon", "system/xbin/daemonsu", "sbin/.magisk",
        "dev/com.koushikdutta.superuser.daemon", "system/bin/.ext/.su", "data/adb/ksu", "data/adb/magisk",
    };
    private static final String[] HOOKS = {"frida", "xposed", "lsposed", "libsubstrate", "libriru", "zygisk"};
    private static final String[] EMULATED_HARDWARE = {"goldfish", "ranchu", "vbox86"};
    private static final String[] EMULATOR_FILES = {"dev/qemu_pipe", "dev/socket/qemud", "dev/vboxguest"};
    /** Most lines of one file under /proc. */
    private static final int MAX_LINES = 65_536;

    private final File root;

    Traces(File root) {
        this.root = root;
    }

    /** A system that was opened: by its keys, a {@code su}, a known tool, or system files that can be written. */
    boolean ofRoot() throws IOException {
        if (contains(Build.TAGS, "test-keys") || any(ROOT_FILES)) {
            return true;
        }
        for (String folder : SU_FOLDERS) {
            if (new File(root, folder + "/su").exists()) {
                return true;
            }
        }
        return anyLine("proc/mounts", new Test() {
            @Override
            public boolean holds(String line) {
                String[] fields = line.split(" ");
                boolean system = fields.length > 3 && (fields[1].equals("/system") || fields[1].equals("/vendor"));
                return line.contains("magisk") || system && ("," + fields[3] + ",").contains(",rw,");
            }
        });
    }

    /** Another process traces this one. */
    boolean ofTracer() throws IOException {
        return anyLine("proc/self/status", new Test() {
            @Override
            public boolean holds(String line) {
                return line.startsWith("TracerPid:") && !line.substring(10).trim().equals("0");
            }
        });
    }

    /** A framework that replaces code is loaded into this process. */
    boolean ofHooks() throws IOException {
        return anyLine("proc/self/maps", new Test() {
            @Override
            public boolean holds(String line) {
                // The name of the file: its folder may be that of any app.
                String name = line.substring(line.lastIndexOf('/') + 1).toLowerCase(Locale.ENGLISH);
                for (String hook : HOOKS) {
                    if (line.indexOf('/') >= 0 && name.contains(hook)) {
                        return true;
                    }
                }
                return false;
            }
        });
    }

    boolean ofEmulator() {
        for (String hardware : EMULATED_HARDWARE) {
            if (hardware.equals(Build.HARDWARE)) {
                return true;
            }
        }
        return startsWith(Build.FINGERPRINT, "generic") || startsWith(Build.PRODUCT, "sdk")
                || contains(Build.MODEL, "Android SDK built for") || contains(Build.MANUFACTURER, "Genymotion")
                || any(EMULATOR_FILES);
    }

    private boolean any(String[] files) {
        for (String file : files) {
            if (new File(root, file).exists()) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(String all, String part) {
        return all != null && all.contains(part);
    }

    private static boolean startsWith(String all, String part) {
        return all != null && all.startsWith(part);
    }

    /** Something said of a line. */
    private interface Test {
        boolean holds(String line);
    }

    private boolean anyLine(String file, Test test) throws IOException {
        FileInputStream in = new FileInputStream(new File(root, file));
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, "ISO-8859-1"));
            String line = lines.readLine();
            for (int i = 0; line != null && i < MAX_LINES; i++) {
                if (test.holds(line)) {
                    return true;
                }
                line = lines.readLine();
            }
            return false;
        } finally {
            in.close();
        }
    }
}
