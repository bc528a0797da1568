package io.mtdagent.android;

import static org.junit.Assert.assertTrue;

import org.junit.After;
import org.junit.AfterClass;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;

/** Each test has a new phone, all tests of a class have one gateway. */
@RunWith(RobolectricTestRunner.class)
public abstract class AtGateway {
    static Cloud cloud;
    Phone phone;

    @BeforeClass
    public static void open() throws Exception {
        cloud = Cloud.start();
    }

    @AfterClass
    public static void close() throws Exception {
        cloud.stop();
    }

    @Before
    public void boot() {
        phone = new Phone(cloud, Cloud.newDevice());
    }

    @After
    public void shutDown() throws Exception {
        phone.stop();
    }

    /** Activated and at rest: a contact after the one that is returned has a cause. */
    long rested() throws Exception {
        assertTrue(Phone.settled(phone.activated()));
        return contact();
    }

    /** When the gateway last heard of the phone. */
    long contact() throws Exception {
        return cloud.device(phone.id).getLong("lastContact");
    }
}
