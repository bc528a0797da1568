package io.mtdagent.android;

import io.mtdagent.MtdAgent;
import io.mtdagent.MtdConfiguration;
import io.mtdagent.MtdStatus;
import java.io.File;
import java.util.concurrent.Callable;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;

/** A life in a process of its own that ends as the system ends processes. Run by {@link DeathTest}. */
@RunWith(RobolectricTestRunner.class)
public class DyingLife {
    @Test
    public void activatesAndIsKilledWithAThreatUnsent() throws Exception {
        String[] told = System.getProperty("mtd.life").split("\\|");
        Phone phone = new Phone(null, told[1]);
        Kept kept = new Kept(phone.app, new File(told[0]));
        phone.start(kept, told[3], new MtdConfiguration(told[2], told[1], Cloud.TENANT,
                MtdConfiguration.CredentialKind.CODE, told[4]));
        final MtdAgent agent = phone.agent();
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return agent.status().activation == MtdStatus.Activation.ACTIVATED && Phone.settled(agent) ? this : null;
            }
        });
        agent.networkChanged(MtdAgent.Reach.OFFLINE, null, false);
        agent.report("ROGUE_WIFI", null);
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return agent.status().unacknowledged > 0 ? this : null;
            }
        });
        kept.save(phone.keys);
        System.out.println("dies");
        System.out.flush();
        Runtime.getRuntime().halt(137);
    }
}
