import { shareDriver } from '../../system/support/netflow.js';

shareDriver();
