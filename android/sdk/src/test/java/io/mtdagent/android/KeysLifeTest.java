package io.mtdagent.android;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;
import static org.junit.Assume.assumeTrue;

import android.content.Intent;
import android.os.Build;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdException;
import io.mtdagent.MtdKeyStore.Protection;
import io.mtdagent.MtdStatus;
import java.io.File;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.Test;
import org.robolectric.shadows.ShadowSystemClock;

/** D4 over the life of an app: where its key is kept, and what happens when it cannot be used. */
public class KeysLifeTest extends AtGateway {
    private static final int API = Build.VERSION.SDK_INT;

    @Test
    public void theKeyIsKeptAsWellAsThisAndroidCan() throws Exception {
        MtdStatus status = phone.activated().status();
        if (API < 18) {
            assertEquals(Protection.SANDBOX, status.keyProtection);
            assertTrue("there is no store", phone.keys.entries.isEmpty());
            return;
        }
        assertEquals(API < 23 ? Protection.SYSTEM : Protection.SECURE_HARDWARE, status.keyProtection);
        // Before API 23 the store knows no other kind: it seals a P-256 key of software.
        assertEquals(API < 23 ? "RSA" : "EC", phone.keys.entries.get("io.mtdagent.A").open.getAlgorithm());
    }

    @Test
    public void theChainOfTheDevicesKeyIsHandedToTheApp() throws Exception {
        phone.activated();
        List<List<byte[]>> chains = Phone.aside(new Callable<List<List<byte[]>>>() {
            @Override
            public List<List<byte[]>> call() throws Exception {
                return MtdAndroid.current().attestation();
            }
        });
        assertEquals("one key, which the store keeps", API < 23 ? 0 : 1, chains.size());
        for (List<byte[]> chain : chains) {
            assertEquals("its own certificate and the maker's", API < 24 ? 1 : 2, chain.size());
        }
        try {
            MtdAndroid.current().attestation();
            fail("the store may take its time");
        } catch (MtdException refused) {
            assertEquals(136, refused.code());
        }
    }

    // R12
    @Test
    public void aLostDataKeyIsBelievedAtTheThirdLook() throws Exception {
        phone.activated();
        phone.end();
        File journal = new File(AgentFolder.state(phone.app), "journal");
        byte[] before = Files.readAllBytes(journal.toPath());
        loseTheDataKey();
        phone.start(phone.values());
        for (int look = 1; look <= 2; look++) {
            MtdException refused = phone.refused.poll(Wait.WITHIN_MILLIS, TimeUnit.MILLISECONDS);
            assertNotNull("look " + look, refused);
            assertEquals(203, refused.code());
            assertEquals(MtdException.Remedy.START_OVER, refused.remedy());
            assertArrayEquals("nothing is given up", before, Files.readAllBytes(journal.toPath()));
            ShadowSystemClock.advanceBy(Duration.ofMinutes(1));
        }
        final MtdAgent agent = phone.agent();
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return agent.status().activation == MtdStatus.Activation.ACTIVATED ? this : null;
            }
        });
    }

    @Test
    public void aStoreThatWasBusyIsAskedAgainWhenTheUserIsThere() throws Exception {
        assumeTrue("there is a store, and no broadcast of the first unlock", API >= 18 && API < 24);
        phone.keys.mood = FakeAndroidKeyStore.Mood.BUSY;
        phone.start(phone.values());
        assertEquals(202, phone.refused.poll(Wait.WITHIN_MILLIS, TimeUnit.MILLISECONDS).code());
        phone.keys.mood = FakeAndroidKeyStore.Mood.WELL;
        phone.app.sendBroadcast(new Intent(Intent.ACTION_USER_PRESENT));
        phone.agent();
    }

    private void loseTheDataKey() throws Exception {
        if (API >= 18) {
            phone.keys.lose("io.mtdagent.data");
        } else {
            Files.write(new File(AgentFolder.keys(phone.app), "data").toPath(), new byte[] {1});
        }
    }
}
