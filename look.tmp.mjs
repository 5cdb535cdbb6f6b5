import { chromium } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
const url='http://127.0.0.1:4611';
const browser = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--no-sandbox','--disable-gpu','--disable-background-networking'] });
const stateFile='/tmp/expl-state.json';
if (!existsSync(stateFile)) {
  const ctx=await browser.newContext(); const p=await ctx.newPage();
  const link=execFileSync(process.execPath,['bin/gpufleet.js','hub','user','login-link','--data','/tmp/expl-data'],{encoding:'utf8'}).trim();
  await p.goto(link); await p.getByRole('button').click(); await p.waitForURL(url+'/'); await ctx.storageState({path:stateFile}); await ctx.close();
}
const [,, mode='all', only=''] = process.argv;
const ctx0=await browser.newContext({storageState:stateFile});
const hosts=(await (await ctx0.request.get(url+'/api/v1/hosts?limit=1000')).json()).items;
const h=hosts.find(x=>x.hostname==='hgx-h100-01')??hosts[0];
const mig=hosts.find(x=>x.gpus.some(g=>g.migDevices.length>0))??h;
const bad=hosts.find(x=>x.state!=='ok')??h;
console.log(hosts.map(x=>x.hostname+' '+x.state).join('; '));
const pages={fleet:'/',hosts:'/hosts',host:`/hosts/${h.id}`,mig:`/hosts/${mig.id}`,bad:`/hosts/${bad.id}`,stack:`/hosts/${h.id}?tab=stack`,collection:`/hosts/${h.id}?tab=collection`,processes:`/hosts/${h.id}?tab=processes`,gpus:'/gpus',gpu:`/gpus/${h.gpus[0].uuid}`,containers:'/containers',add:'/hosts/add',notfound:'/nothing'};
const sizes=[[1440,900],[390,844]];
for (const [name,path] of Object.entries(pages)) {
  if (only && !only.split(',').includes(name)) continue;
  for (const scheme of ['light','dark']) for (const [w,hh] of sizes) {
    if (mode==='light' && scheme==='dark') continue;
    const ctx=await browser.newContext({storageState:stateFile,colorScheme:scheme,viewport:{width:w,height:hh}});
    const p=await ctx.newPage();
    p.on('pageerror',e=>console.log('ERR',name,e.message)); p.on('console',m=>{if(m.type()==='error')console.log('CONSOLE',name,m.text())});
    await p.goto(url+path); await p.waitForTimeout(2500);
    await p.screenshot({path:`/tmp/expl-shots/${name}-${scheme}-${w}.png`,fullPage:mode==='full'});
    await ctx.close();
  }
}
await browser.close();
