package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;

import android.app.Application;
import android.os.Build;
import java.io.File;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** R12: in no backup where the system has such a place. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = Config.ALL_SDKS)
public class AgentFolderTest {
    @Test
    public void theFolderIsInNoBackup() {
        Application application = RuntimeEnvironment.getApplication();
        File base = Build.VERSION.SDK_INT >= 21 ? application.getNoBackupFilesDir() : application.getFilesDir();
        assertEquals(new File(base, "mtd-agent/state"), AgentFolder.state(application));
        assertEquals(new File(base, "mtd-agent/keys"), AgentFolder.keys(application));
        if (Build.VERSION.SDK_INT >= 21) {
            assertNotEquals(application.getFilesDir(), base);
        }
    }
}
