package io.mtdagent.sample;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.app.Application;
import android.app.admin.DevicePolicyManager;
import android.content.Context;
import android.content.Intent;
import android.content.RestrictionsManager;
import android.net.Uri;
import android.os.Bundle;
import android.text.TextUtils;
import android.view.View;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.TextView;
import io.mtdagent.android.Cloud;
import io.mtdagent.android.FakeAndroidKeyStore;
import io.mtdagent.android.Wait;
import java.io.File;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadows.ShadowBuild;

/** The sample after ProGuard, as its user meets it: no class that may have another name now is named here. */
@RunWith(RobolectricTestRunner.class)
public class ShrunkTest {
    private static Cloud cloud;

    /** Before the app is made. */
    @BeforeClass
    public static void open() throws Exception {
        FakeAndroidKeyStore.install();
        cloud = Cloud.serve(new File(System.getProperty("mtd.cloud")));
    }

    @AfterClass
    public static void close() throws Exception {
        cloud.stop();
        FakeAndroidKeyStore.remove();
    }

    @Test
    public void itShowsAThreatAndItsFix() throws Exception {
        ShadowBuild.setTags("release-keys");
        assertFalse("it was shrunk and renamed", isThere("io.mtdagent.android.Platform"));
        Application app = RuntimeEnvironment.getApplication();
        final String device = Cloud.newDevice();
        manage(app, device);
        Activity activity = Robolectric.setupActivity(activity());
        View page = activity.findViewById(android.R.id.content);
        first(page, Button.class).performClick();
        // Robolectric's phone: not encrypted, no lock.
        shown(page, "Level: MEDIUM", "MEDIUM, UNENCRYPTED: Turn on storage encryption.");
        says(page, "Where at most LOW is allowed: blocked. Turn on storage encryption.");
        says(page, "Where MEDIUM is allowed: access");
        DevicePolicyManager policies = (DevicePolicyManager) app.getSystemService(Context.DEVICE_POLICY_SERVICE);
        shadowOf(policies).setStorageEncryptionStatus(DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE);
        app.sendBroadcast(new Intent(Intent.ACTION_PACKAGE_ADDED, Uri.parse("package:com.example.game")));
        shown(page, "Level: LOW", "LOW, NO_DEVICE_LOCK: Set a screen lock.");
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return cloud.device(device).getString("level").equals("low") ? this : null;
            }
        });
    }

    private static void says(View page, String line) {
        assertTrue(text(page), Arrays.asList(text(page).split("\n")).contains(line));
    }

    private static void shown(final View page, String... lines) throws Exception {
        final String wanted = TextUtils.join("\n", lines);
        Wait.until(new Callable<Object>() {
            @Override
            public String toString() {
                return "the page says " + text(page);
            }

            @Override
            public Object call() throws Exception {
                return text(page).startsWith(wanted) ? this : null;
            }
        });
    }

    /** As an employer's server does it. */
    private static void manage(Application app, String device) throws Exception {
        cloud.administer("group", "--name", "Everyone", "--add", device);
        Bundle said = new Bundle();
        said.putString("mtdGateway", cloud.url);
        said.putString("mtdDeviceId", device);
        said.putString("mtdTenantId", Cloud.TENANT);
        said.putString("mtdEnrolmentKey", cloud.administer("enrolment-key", "--group", "Everyone").trim());
        shadowOf((RestrictionsManager) app.getSystemService(Context.RESTRICTIONS_SERVICE))
                .setApplicationRestrictions(said);
        app.sendBroadcast(new Intent(Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED));
    }

    private static Class<? extends Activity> activity() throws ClassNotFoundException {
        return Class.forName("io.mtdagent.sample.StatusActivity").asSubclass(Activity.class);
    }

    private static boolean isThere(String name) {
        try {
            return Class.forName(name) != null;
        } catch (ClassNotFoundException renamed) {
            return false;
        }
    }

    private static String text(View page) {
        return first(page, TextView.class).getText().toString();
    }

    /** The first view of this very class in what is drawn. */
    private static <T extends View> T first(View drawn, Class<T> kind) {
        if (drawn.getClass() == kind) {
            return kind.cast(drawn);
        }
        if (drawn instanceof ViewGroup) {
            ViewGroup group = (ViewGroup) drawn;
            for (int i = 0; i < group.getChildCount(); i++) {
                T found = first(group.getChildAt(i), kind);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
