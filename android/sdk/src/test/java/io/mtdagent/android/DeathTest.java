package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.mtdagent.MtdConfiguration;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.JUnitCore;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;

/** What was recorded when a process died arrives from the next one. */
@RunWith(RobolectricTestRunner.class)
public class DeathTest {
    @Rule
    public final TemporaryFolder temporary = new TemporaryFolder();

    @Test
    public void aThreatThatWasNotSentOutlivesTheProcess() throws Exception {
        Cloud cloud = Cloud.start();
        Phone phone = new Phone(cloud, Cloud.newDevice());
        try {
            File folder = temporary.newFolder();
            String said = die(folder.getPath() + '|' + phone.id + '|' + cloud.url + '|' + cloud.trust() + '|'
                    + cloud.code(phone.id));
            JSONObject before = cloud.device(phone.id);
            assertEquals(said, "activated", before.getString("activation"));
            assertTrue(said, !before.getJSONArray("threats").toString().contains("ROGUE_WIFI"));

            Kept kept = new Kept(phone.app, folder);
            kept.load(phone.keys);
            phone.start(kept, cloud.trust(), new MtdConfiguration(cloud.url, phone.id, Cloud.TENANT, null, null));
            phone.agent();
            phone.console("the threat", new Phone.Check() {
                @Override
                public boolean holds(JSONObject device) throws Exception {
                    return device.getJSONArray("threats").toString().contains("ROGUE_WIFI");
                }
            });
            assertEquals("the same chain", 0, cloud.device(phone.id).getInt("restarts"));
        } finally {
            phone.stop();
            cloud.stop();
        }
    }

    /** Runs {@link DyingLife} in a virtual machine like this one; what it said. */
    private static String die(String told) throws Exception {
        List<String> line = new ArrayList<String>();
        line.add(System.getProperty("java.home") + "/bin/java");
        line.add("-Xmx1g");
        for (String name : new String[] {"java.lang", "java.io"}) {
            line.add("--add-opens=java.base/" + name + "=ALL-UNNAMED");
        }
        for (String name : new String[] {"java.io.tmpdir", "java.library.path", "robolectric.offline",
                "robolectric.dependency.dir", "robolectric.enabledSdks"}) {
            line.add("-D" + name + "=" + System.getProperty(name));
        }
        line.add("-Dmtd.life=" + told);
        line.add("-cp");
        line.add(System.getProperty("java.class.path"));
        line.add(JUnitCore.class.getName());
        line.add(DyingLife.class.getName());
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()));
        StringBuilder said = new StringBuilder();
        for (String next = out.readLine(); next != null; next = out.readLine()) {
            said.append(next).append('\n');
        }
        assertEquals(said.toString(), 137, process.waitFor());
        return said.toString();
    }
}
