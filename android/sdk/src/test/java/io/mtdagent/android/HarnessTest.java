package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import android.os.Build;
import io.mtdagent.internal.Native;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

/** What every other test here stands on. */
@RunWith(RobolectricTestRunner.class)
public class HarnessTest {
    @Test
    public void theShippedLibraryIsLoadedOnTheFrameworkThatWasAskedFor() {
        assertTrue(Native.LOADED);
        assertEquals(System.getProperty("robolectric.enabledSdks"), String.valueOf(Build.VERSION.SDK_INT));
        assertEquals("io.mtdagent.android", RuntimeEnvironment.getApplication().getPackageName());
    }

    @Test
    public void theGatewayIsARealProcess() throws Exception {
        Cloud cloud = Cloud.start();
        try {
            String device = Cloud.newDevice();
            assertTrue(cloud.code(device).length() > 8);
            assertEquals("pending", cloud.device(device).getString("activation"));
        } finally {
            cloud.stop();
        }
    }
}
