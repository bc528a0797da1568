package io.mtdagent.android;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.app.KeyguardManager;
import android.app.admin.DevicePolicyManager;
import android.content.Context;
import android.content.pm.PackageInfo;
import android.os.Build;
import android.provider.Settings;
import io.mtdagent.Inside;
import io.mtdagent.MtdSensors.Posture;
import java.io.File;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowBuild;
import org.robolectric.util.ReflectionHelpers;

/** Each reading of the posture: found, not found, not known. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = Config.ALL_SDKS)
public class AndroidPostureTest {
    private static final int API = Build.VERSION.SDK_INT;
    private static final byte[] OWN = {0x30, 0x03, 0x02, 0x01, 0x06};

    @Rule
    public final TemporaryFolder root = new TemporaryFolder();

    private Application application;

    @Before
    public void boot() throws Exception {
        application = RuntimeEnvironment.getApplication();
        put("proc/mounts", "/dev/block/dm-0 /system ext4 ro,seclabel 0 0\n/dev/block/dm-2 /data ext4 rw 0 0\n");
        put("proc/self/status", "Name:\tapp\nTracerPid:\t0\n");
        put("proc/self/maps", "7f00-7f01 r-xp 00000000 fd:00 1  /data/app/com.frida.recipes/lib/libapp.so\n");
        ShadowBuild.setTags("release-keys");
        FakeCas.install(new String[] {"system:1", "system:2"});
        lock(true);
        encryption(DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE);
    }

    @After
    public void shutDown() {
        Security.removeProvider(FakeCas.NAME);
    }

    @Test
    public void aPhoneInOrderHasNoFindings() {
        Posture posture = read();
        assertTrue(Inside.findings(posture).toString(), Inside.findings(posture).isEmpty());
        assertEquals(API >= 26 ? "[UNKNOWN_SOURCES_ENABLED]" : "[]", Inside.unknown(posture).toString());
    }

    @Test
    public void factsAreTheSystems() {
        ShadowBuild.setModel("Nexus S");
        String[] facts = Inside.facts(read());
        assertEquals("android", facts[0]);
        assertEquals(Build.VERSION.RELEASE, facts[1]);
        assertEquals("Nexus S", facts[2]);
        if (API < 23) {
            assertEquals(null, facts[3]);
            return;
        }
        for (String date : new String[] {"2026-11-05", "unknown", ""}) {
            ReflectionHelpers.setStaticField(Build.VERSION.class, "SECURITY_PATCH", date);
            assertEquals(date.length() == 10 ? date : null, Inside.facts(read())[3]);
        }
    }

    @Test
    public void anOpenedSystemIsFound() throws Exception {
        shows("ROOT_JAILBREAK", () -> ShadowBuild.setTags("test-keys"), () -> ShadowBuild.setTags("release-keys"));
        for (String file : new String[] {"system/xbin/su", "sbin/su", "system/app/Superuser.apk", "sbin/.magisk/x"}) {
            shows("ROOT_JAILBREAK", () -> put(file, ""), () -> remove(file));
        }
        String mounts = new String(Files.readAllBytes(root.getRoot().toPath().resolve("proc/mounts")));
        for (String line : new String[] {"/dev/x /system ext4 seclabel,rw 0 0\n", "magisk /system/bin tmpfs ro 0 0\n"}) {
            shows("ROOT_JAILBREAK", () -> put("proc/mounts", mounts + line), () -> put("proc/mounts", mounts));
        }
        notKnown("ROOT_JAILBREAK", () -> remove("proc/mounts"));
    }

    @Test
    public void aDebuggerAndAHookAreFound() throws Exception {
        String status = "Name:\tapp\nTracerPid:\t0\n";
        shows("ACCESS_CONTROL_VIOLATION", () -> put("proc/self/status", "TracerPid:\t4711\n"),
                () -> put("proc/self/status", status));
        for (String hook : new String[] {"/data/local/tmp/frida-agent-64.so", "/system/framework/XposedBridge.jar",
                "/data/libsubstrate.so"}) {
            shows("ACCESS_CONTROL_VIOLATION",
                    () -> put("proc/self/maps", "7f00-7f01 r-xp 00000000 fd:00 1  " + hook + "\n"),
                    () -> put("proc/self/maps", "7f00-7f01 r-xp 00000000 00:00 0 [anon:frida]\n"));
        }
        notKnown("ACCESS_CONTROL_VIOLATION", () -> remove("proc/self/maps"));
    }

    @Test
    public void anEmulatorIsFound() throws Exception {
        shows("EMULATOR", () -> ShadowBuild.setHardware("ranchu"), () -> ShadowBuild.setHardware("qcom"));
        shows("EMULATOR", () -> ShadowBuild.setFingerprint("generic/sdk/generic:4.1.2/x"),
                () -> ShadowBuild.setFingerprint("google/soju/crespo:4.1.2/JZO54K"));
        shows("EMULATOR", () -> put("dev/qemu_pipe", ""), () -> remove("dev/qemu_pipe"));
    }

    @Test
    public void aMissingLockIsFound() throws Exception {
        shows("NO_DEVICE_LOCK", () -> lock(false), () -> lock(true));
    }

    @Test
    public void everyStateOfEncryptionIsRead() throws Exception {
        int[] open = {DevicePolicyManager.ENCRYPTION_STATUS_UNSUPPORTED,
            DevicePolicyManager.ENCRYPTION_STATUS_INACTIVE, DevicePolicyManager.ENCRYPTION_STATUS_ACTIVATING};
        for (int one : open) {
            shows("UNENCRYPTED", () -> encryption(one),
                    () -> encryption(DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE));
        }
        if (API >= 23) {
            shows("UNENCRYPTED", () -> encryption(open[0]),
                    () -> encryption(DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE_DEFAULT_KEY));
        }
        if (API >= 24) {
            shows("UNENCRYPTED", () -> encryption(open[0]),
                    () -> encryption(DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE_PER_USER));
        }
    }

    @Test
    public void switchesAreRead() throws Exception {
        shows("DEVELOPER_MODE_ENABLED", () -> set(Settings.Secure.DEVELOPMENT_SETTINGS_ENABLED, 1),
                () -> set(Settings.Secure.DEVELOPMENT_SETTINGS_ENABLED, 0));
        shows("USB_DEBUGGING_ENABLED", () -> set(Settings.Secure.ADB_ENABLED, 1),
                () -> set(Settings.Secure.ADB_ENABLED, 0));
        if (API < 26) {
            shows("UNKNOWN_SOURCES_ENABLED", () -> sources(1), () -> sources(0));
        } else {
            notKnown("UNKNOWN_SOURCES_ENABLED", () -> sources(1));
        }
    }

    @Test
    public void aCaOfTheUserIsFound() throws Exception {
        shows("USER_CA_INSTALLED", () -> FakeCas.install(new String[] {"system:1", "user:5ed36f99.0"}),
                () -> FakeCas.install(new String[] {"system:1"}));
        notKnown("USER_CA_INSTALLED", () -> Security.removeProvider(FakeCas.NAME));
    }

    @Test
    public void anotherSignerIsTampering() throws Exception {
        byte[] expected = MessageDigest.getInstance("SHA-256").digest(OWN);
        sign(OWN);
        assertFalse(Inside.findings(read(expected)).contains("APP_TAMPERING"));
        sign(new byte[] {0x30, 0x03, 0x02, 0x01, 0x07});
        assertTrue(Inside.findings(read(expected)).contains("APP_TAMPERING"));
        assertFalse("compared only if the partner says with what", Inside.findings(read()).contains("APP_TAMPERING"));
    }

    @Test
    public void oneReadingThatFailsCostsNoOther() {
        root.delete();
        Security.removeProvider(FakeCas.NAME);
        set(Settings.Secure.ADB_ENABLED, 1);
        Posture posture = read();
        assertArrayEquals(new Object[] {"USB_DEBUGGING_ENABLED"}, Inside.findings(posture).toArray());
        assertTrue(Inside.unknown(posture).contains("ROOT_JAILBREAK"));
        assertTrue(Inside.unknown(posture).contains("USER_CA_INSTALLED"));
    }

    private interface Step {
        void run() throws Exception;
    }

    private void shows(String name, Step begins, Step ends) throws Exception {
        begins.run();
        assertTrue(name, Inside.findings(read()).contains(name));
        ends.run();
        assertFalse(name + " cleared", Inside.findings(read()).contains(name));
        assertFalse(name + " known", Inside.unknown(read()).contains(name));
    }

    private void notKnown(String name, Step hides) throws Exception {
        hides.run();
        assertFalse(name, Inside.findings(read()).contains(name));
        assertTrue(name, Inside.unknown(read()).contains(name));
    }

    private Posture read() {
        return read(null);
    }

    private Posture read(byte[] signer) {
        return new AndroidPosture(application, signer, root.getRoot()).read();
    }

    private void put(String path, String text) throws Exception {
        File file = new File(root.getRoot(), path);
        file.getParentFile().mkdirs();
        Files.write(file.toPath(), text.getBytes());
    }

    private void remove(String path) throws Exception {
        for (File file = new File(root.getRoot(), path); !file.equals(root.getRoot()); file = file.getParentFile()) {
            file.delete();
        }
    }

    private void sign(byte[] certificate) {
        PackageInfo info = shadowOf(application.getPackageManager())
                .getInternalMutablePackageInfo(application.getPackageName());
        AndroidAppsTest.sign(info, certificate);
    }

    private void lock(boolean there) {
        KeyguardManager guard = (KeyguardManager) application.getSystemService(Context.KEYGUARD_SERVICE);
        if (API >= 23) {
            shadowOf(guard).setIsDeviceSecure(there);
            shadowOf(guard).setIsKeyguardSecure(!there);
        } else {
            shadowOf(guard).setIsKeyguardSecure(there);
        }
    }

    private void encryption(int status) {
        DevicePolicyManager policy =
                (DevicePolicyManager) application.getSystemService(Context.DEVICE_POLICY_SERVICE);
        shadowOf(policy).setStorageEncryptionStatus(status);
    }

    private void set(String name, int value) {
        if (API >= 17) {
            Settings.Global.putInt(application.getContentResolver(), name, value);
        } else {
            Settings.Secure.putInt(application.getContentResolver(), name, value);
        }
    }

    private void sources(int value) {
        Settings.Secure.putInt(application.getContentResolver(), Settings.Secure.INSTALL_NON_MARKET_APPS, value);
    }

    /** {@code AndroidCAStore} with these entries. */
    private static final class FakeCas extends Provider {
        private static final long serialVersionUID = 1L;
        private static final String NAME = "FakeCas";

        private FakeCas(String[] aliases) {
            super(NAME, 1.0, "for tests");
            putService(new Service(this, "KeyStore", "AndroidCAStore", FakeCas.class.getName(), null, null) {
                @Override
                public Object newInstance(Object parameter) {
                    return new FakeStore(null) {
                        @Override
                        public Enumeration<String> engineAliases() {
                            return Collections.enumeration(Arrays.asList(aliases));
                        }
                    };
                }
            });
        }

        static void install(String[] aliases) {
            Security.removeProvider(NAME);
            Security.addProvider(new FakeCas(aliases));
        }
    }
}
