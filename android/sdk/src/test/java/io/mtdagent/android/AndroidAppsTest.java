package io.mtdagent.android;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Application;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.content.pm.Signature;
import android.content.pm.SigningInfo;
import android.os.Build;
import io.mtdagent.Inside;
import io.mtdagent.MtdApp;
import io.mtdagent.MtdException;
import java.io.File;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadow.api.Shadow;

/** The inventory, from what Android's package manager shows and how it fails (P9, P10). */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = Config.ALL_SDKS, shadows = PackagesUnderTest.class)
public class AndroidAppsTest {
    private static final int API = Build.VERSION.SDK_INT;
    private static final byte[] CERTIFICATE = {0x30, 0x03, 0x02, 0x01, 0x05};

    @Rule
    public final TemporaryFolder temporary = new TemporaryFolder();

    private Application application;
    private AndroidApps apps;

    static String own() {
        return RuntimeEnvironment.getApplication().getPackageName();
    }

    @Before
    public void boot() {
        PackagesUnderTest.trouble = PackagesUnderTest.Trouble.NONE;
        PackagesUnderTest.asked = 0;
        application = RuntimeEnvironment.getApplication();
        if (API >= 30) {
            shadowOf(application).grantPermissions(Manifest.permission.QUERY_ALL_PACKAGES);
        }
        apps = new AndroidApps(application);
    }

    @Test
    public void anAppIsShownAsTheSystemShowsIt() throws Exception {
        File base = temporary.newFile("base.apk");
        Files.write(base.toPath(), new byte[1000]);
        File split = temporary.newFile("split.apk");
        Files.write(split.toPath(), new byte[234]);
        PackageInfo info = installed("com.example");
        info.versionName = "1.2.3";
        info.applicationInfo.nonLocalizedLabel = "Ex\u00e4mple \ud83d\udcf1";
        info.applicationInfo.sourceDir = base.getPath();
        if (API >= 21) {
            info.applicationInfo.splitSourceDirs = new String[] {split.getPath()};
        }
        if (API >= 28) {
            info.setLongVersionCode(7_000_000_000L);
        } else {
            info.versionCode = 70;
        }
        install(info);
        installer("com.example", "com.android.vending");

        MtdApp app = find("com.example");
        assertEquals("1.2.3", app.shortVersion);
        assertEquals(API >= 28 ? "7000000000" : "70", app.version);
        assertEquals("Ex\u00e4mple \ud83d\udcf1", app.name);
        assertEquals("com.android.vending", app.installer);
        assertEquals(API >= 21 ? 1234 : 1000, app.bundleBytes);
        assertEquals(MtdApp.UNKNOWN, app.dynamicBytes);
        assertEquals(Boolean.TRUE, app.validated);
        assertNull("only the profile owner knows", app.managed);
        assertNull(app.beta);
        byte[][] signers = Inside.signers(app);
        assertEquals(2, signers.length);
        assertArrayEquals(MessageDigest.getInstance("SHA-1").digest(CERTIFICATE), signers[0]);
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(CERTIFICATE), signers[1]);
    }

    // P5
    @Test
    public void theInstallationFileIsHashed() throws Exception {
        byte[] content = new byte[200_000];
        content[199_999] = 1;
        File base = temporary.newFile("base.apk");
        Files.write(base.toPath(), content);
        PackageInfo info = installed("com.example");
        info.applicationInfo.sourceDir = base.getPath();
        info.applicationInfo.publicSourceDir = base.getPath();
        install(info);
        AndroidSensors sensors = new AndroidSensors(application, null);
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(content), sensors.hash("com.example"));
        assertTrue(base.delete());
        for (String id : new String[] {"com.example", "com.none"}) {
            try {
                sensors.hash(id);
                fail(id);
            } catch (MtdException told) {
                assertEquals(501, told.code());
            }
        }
    }

    @Test
    public void whatIsNotKnownIsNotMadeUp() throws Exception {
        PackageInfo info = installed("com.bare");
        info.signatures = null;
        if (API >= 28) {
            info.signingInfo = null;
        }
        info.applicationInfo.sourceDir = new File(temporary.getRoot(), "none.apk").getPath();
        install(info);
        MtdApp app = find("com.bare");
        assertNull(app.shortVersion);
        assertNull(app.installer);
        assertEquals(MtdApp.UNKNOWN, app.bundleBytes);
        assertEquals(0, Inside.signers(app).length);
    }

    @Test
    public void anAppThatCannotRunIsNotValidated() throws Exception {
        PackageInfo off = installed("com.off");
        off.applicationInfo.enabled = false;
        install(off);
        assertEquals(Boolean.FALSE, find("com.off").validated);
        if (API >= 24) {
            PackageInfo suspended = installed("com.suspended");
            suspended.applicationInfo.flags |= ApplicationInfo.FLAG_SUSPENDED;
            install(suspended);
            assertEquals(Boolean.FALSE, find("com.suspended").validated);
        }
    }

    // P10
    @Test
    public void aHostileNameIsBounded() throws Exception {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            name.append((char) ('a' + i % 26));
        }
        PackageInfo info = installed("com.loud");
        info.versionName = name.toString();
        info.applicationInfo.nonLocalizedLabel = name;
        install(info);
        MtdApp app = find("com.loud");
        assertEquals(256, app.name.length());
        assertEquals(256, app.shortVersion.length());
    }

    @Test
    public void threeHundredAppsAreReadOneByOne() throws Exception {
        int before = apps.read().size();
        plant(300);
        PackagesUnderTest.asked = 0;
        Set<String> ids = new HashSet<>();
        for (MtdApp app : apps.read()) {
            ids.add(Inside.id(app));
            assertTrue(Inside.id(app), !Inside.id(app).startsWith("com.app") || Inside.signers(app).length == 2);
        }
        assertEquals(before + 300, ids.size());
        assertEquals(before + 300, PackagesUnderTest.asked);
        assertTrue(ids.contains(own()));
    }

    // P10
    @Test
    public void aListThatIsNotWholeIsNoList() throws Exception {
        plant(300);
        throwsCode(507, PackagesUnderTest.Trouble.DIES_AT_ONCE);
        throwsCode(507, PackagesUnderTest.Trouble.DIES_ON_THE_WAY);
        throwsCode(507, PackagesUnderTest.Trouble.HIDES_THE_READER);
        throwsCode(501, PackagesUnderTest.Trouble.FORBIDS);
        PackagesUnderTest.trouble = PackagesUnderTest.Trouble.NONE;
        assertNotNull(find("com.app7"));
    }

    @Test
    public void anAppThatIsRemovedMeanwhileIsLeftOut() throws Exception {
        plant(10);
        int all = apps.read().size();
        PackagesUnderTest.trouble = PackagesUnderTest.Trouble.APP_IS_REMOVED_MEANWHILE;
        assertEquals(all - 1, apps.read().size());
    }

    @Test
    public void withoutThePermissionNothingIsCalledAList() throws Exception {
        if (API < 30) {
            assertTrue("nothing to ask for", apps.read().size() > 0);
            return;
        }
        application.getApplicationInfo().targetSdkVersion = 30;
        shadowOf(application).denyPermissions(Manifest.permission.QUERY_ALL_PACKAGES);
        throwsCode(501, PackagesUnderTest.Trouble.NONE);
        application.getApplicationInfo().targetSdkVersion = 29;
        assertTrue("an app of before is shown all", apps.read().size() > 0);
    }

    private void throwsCode(int code, PackagesUnderTest.Trouble trouble) {
        PackagesUnderTest.trouble = trouble;
        PackagesUnderTest.asked = 0;
        try {
            apps.read();
        } catch (MtdException told) {
            assertEquals(trouble.name(), code, told.code());
            return;
        }
        fail(trouble + " was believed");
    }

    private MtdApp find(String id) throws MtdException {
        List<MtdApp> all = apps.read();
        for (MtdApp app : all) {
            if (Inside.id(app).equals(id)) {
                return app;
            }
        }
        throw new AssertionError(id + " is not in the list");
    }

    private void plant(int count) {
        for (int i = 0; i < count; i++) {
            install(installed("com.app" + i));
        }
    }

    static PackageInfo installed(String id) {
        PackageInfo info = new PackageInfo();
        info.packageName = id;
        info.applicationInfo = new ApplicationInfo();
        info.applicationInfo.packageName = id;
        info.applicationInfo.enabled = true;
        info.applicationInfo.flags |= ApplicationInfo.FLAG_INSTALLED;
        sign(info, CERTIFICATE);
        return info;
    }

    @SuppressWarnings("deprecation")
    static void sign(PackageInfo info, byte[] certificate) {
        Signature[] signatures = {new Signature(certificate)};
        info.signatures = signatures;
        if (API >= 28) {
            info.signingInfo = Shadow.newInstanceOf(SigningInfo.class);
            shadowOf(info.signingInfo).setSignatures(signatures);
        }
    }

    private void install(PackageInfo info) {
        shadowOf(application.getPackageManager()).installPackage(info);
    }

    private void installer(String id, String installer) {
        PackageManager packages = application.getPackageManager();
        if (API >= 30) {
            shadowOf(packages).setInstallSourceInfo(id, installer, installer);
        } else {
            packages.setInstallerPackageName(id, installer);
        }
    }
}
